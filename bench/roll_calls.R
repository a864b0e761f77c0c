# The peers of bench/roll_calls.py: `ideal` of pscl and `MCMCirt1d` of MCMCpack on the same matrix, the same prior, one dimension.
# Usage: Rscript roll_calls.R FILE ITERATIONS WARMUP OUT; prints name, CPU seconds of the kept and warm-up iterations, smallest and median ESS.
suppressMessages({library(pscl); library(MCMCpack)})
a <- commandArgs(TRUE)
head <- scan(a[1], n = 2, quiet = TRUE)
votes <- matrix(scan(a[1], skip = 1, quiet = TRUE), head[1], head[2], byrow = TRUE)
votes[votes == 0] <- NA
votes[which(votes == -1)] <- 0
minority <- colMeans(votes, na.rm = TRUE)
votes <- votes[, which(pmin(minority, 1 - minority) >= 0.025)]
rownames(votes) <- paste0("m", seq_len(nrow(votes)))
keep <- as.integer(a[2]); warm <- as.integer(a[3])
report <- function(name, seconds, draws) {
  draws <- t(scale(t(draws)))                  # every draw: mean 0, variance 1
  first <- sign(draws[, 1]); draws <- draws * first
  ess <- effectiveSize(as.mcmc(draws))
  cat(name, seconds, min(ess), median(ess), "\n")
  colMeans(draws)
}
calls <- rollcall(votes, yea = 1, nay = 0, missing = NA)
time <- system.time(fit <- ideal(calls, d = 1, maxiter = keep + warm, thin = 1, burnin = warm, normalize = FALSE, store.item = FALSE, verbose = FALSE,
                                 priors = list(bpv = 0.25), dropList = list(codes = NA, lop = NA)))
one <- report("pscl", sum(time[1:2]), fit$x[, , 1])
time <- system.time(fit <- MCMCirt1d(votes, burnin = warm, mcmc = keep, thin = 1, AB0 = 0.25, store.item = FALSE, store.ability = TRUE, verbose = 0, seed = 1))
two <- report("mcmcpack", sum(time[1:2]), as.matrix(fit))
write.table(cbind(one, two), a[4], row.names = FALSE, col.names = FALSE)
