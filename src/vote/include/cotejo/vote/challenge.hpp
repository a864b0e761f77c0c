// A challenge: a named set of units objected to, by whom, why, from which document.
#pragma once

#include <string>
#include <vector>

#include "cotejo/vote/count.hpp"

namespace cotejo {

struct Challenge {
  ChallengeId id;
  CountId count;
  std::string by, reason, source;
  std::vector<std::string> unit_keys;  // as listed
  int revision = 1;                    // of the case that holds the challenge, and how many it has there
  int revisions = 1;

  // SHA-256 over the id and the listed keys, sorted.
  std::string content_hash() const;
};

// The units of `count` that a challenge lists, ascending. Errors: unit_unknown (names the key and its position),
// unit_duplicate, challenge_invalid (empty).
// Cost: one pass over the count's keys.
Result<std::vector<UnitIndex>> resolve(const Challenge& challenge, const Count& count);

// The units named by any of the challenges, ascending, each once.
Result<std::vector<UnitIndex>> resolve_union(const std::vector<const Challenge*>& challenges, const Count& count);

}  // namespace cotejo
