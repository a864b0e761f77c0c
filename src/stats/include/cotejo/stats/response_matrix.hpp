// Two-valued answers of subjects to items: votes of members on roll calls, seen without their names.
//
// Shapes: `cells` is subjects x items by rows: +1, -1, or 0 where there is no answer.
//   shares of agreement   a_ik = (items that i and k answered alike) / (items that both answered)
//   starting coordinates  the leading eigenvectors of the double-centred (1 - a_ik)^2, scaled to variance 1: classical
//                         scaling of disagreement, as W-NOMINATE starts (Poole 2005, Spatial Models, ch. 3)
// Pairs without a common item have no agreement (`both` is 0) and count as a_ik = the mean of all pairs when scaling.
// Kept items: those with a minority of at least `lopsided` of the answers; kept subjects: those with at least
// `least_answers` answers to kept items; again, until no kept item lacks a minority. Which were left out is returned, so that it can be told.
// No errors; deterministic. Cost: subjects^2 x items / 64 words; scaling subjects^3.
// Verified in src/stats/tests/response_matrix_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cotejo {

struct ResponseMatrix {
  std::size_t subjects = 0;
  std::size_t items = 0;
  std::vector<std::int8_t> cells;

  std::int8_t at(std::size_t subject, std::size_t item) const { return cells[subject * items + item]; }
  std::size_t answers() const;
};

struct KeptResponses {
  ResponseMatrix responses;
  std::vector<std::size_t> subject, item;   // positions in the matrix that was given
  std::vector<std::size_t> lopsided_items;  // left out; with them those that nobody answered
  std::vector<std::size_t> silent_subjects;
};

KeptResponses keep_informative(const ResponseMatrix& all, double lopsided, std::size_t least_answers);

struct Agreement {
  std::size_t subjects = 0;
  std::vector<std::uint32_t> both, alike;  // subjects x subjects; the diagonal is each one's answers
};

Agreement agreement_of(const ResponseMatrix& responses);

// subjects x dimensions by rows, every column with mean 0 and variance 1 (or 0 where the data give no such dimension).
std::vector<double> scaled_agreement(const Agreement& agreement, std::size_t dimensions);

}  // namespace cotejo
