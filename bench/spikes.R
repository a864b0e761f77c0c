# The R package `spikes` on its own example: writes what bench_spikes reads, resamples, prints what it found.
#   Rscript spikes.R FOLDER RESAMPLES
suppressPackageStartupMessages(library(spikes))
arguments <- commandArgs(TRUE)
data(data); data(output)
resamples <- as.integer(arguments[2])
for (name in c("N", "t", "v")) writeBin(as.integer(data[[name]]), file.path(arguments[1], name))
for (name in c("t", "v"))
  writeBin(with(output$out[[name]], c(alpha, beta, w)), file.path(arguments[1], c(t = "turnout", v = "votes")[name]))
set.seed(1)
fraud <- getFromNamespace("fraud", "spikes")
time <- system.time(found <- fraud(output$out, data, resamples, 1001, 1e-4))
inner <- 2:1000
observed <- density(data$v / data$t, from = 0, to = 1, cut = TRUE, n = 1001, bw = 1e-4, kernel = "gaussian")$y
cat(sprintf("%.6f %.6f %.6f %.6f %.6f %.6f\n", time[["elapsed"]] / resamples, time[["user.self"]] / resamples, found$fraud,
            observed[501], sum(found$ymax[inner]), sum(found$w)))
