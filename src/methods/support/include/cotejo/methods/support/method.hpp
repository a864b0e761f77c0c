// A method with a room of its own: numbers apart from words.
//   Result<XResult> compute(const Count&, const XRequest&, const Context&)   a pure function; no text in it
//   Finding present(const XResult&, const Count&, const XRequest&, const Context&)   the finding that shows the result
#pragma once

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

template <class Request>
requires requires(const Count& count, const Request& request, const Context& context) {
  present(*compute(count, request, context), count, request, context);
}
Result<Finding> run(const Count& count, const Request& request, const Context& context) {
  COTEJO_TRY(result, compute(count, request, context));
  return present(result, count, request, context);
}

}  // namespace cotejo
