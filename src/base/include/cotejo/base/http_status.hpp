// The HTTP side of the table of errors (error.cpp): the status of every code, and the codes that only the local server
// has. Their numbers go on from those of error.hpp and are as append-only.
#pragma once

#include "cotejo/base/error.hpp"

namespace cotejo {

inline constexpr ErrorCode unauthorized{21};  // no session: the link that `cotejo serve` printed was not followed
inline constexpr ErrorCode forbidden{22};     // a foreign Host or Origin; a write to a case that is served read-only
inline constexpr ErrorCode too_large{23};     // a request beyond the server's bounds
inline constexpr ErrorCode busy{24};          // too many requests or jobs at once
inline constexpr ErrorCode path_unknown{25};  // nothing is served under this address

int http_status_of(ErrorCode code);

}  // namespace cotejo
