#include "cotejo/methods/arrival/curve.hpp"

namespace cotejo {

MethodInfo CurveRequest::info() {
  return {
      .id = "curve",
      .family = "arrival",
      .title = "The margin while the count came in",
      .question = "How did the margin move after the cut, and how much of it is which places came late?",
      .assumes = "Early and late are told right; a place's early units stand for what its late ones would have been.",
      .cost = "linear in units x levels",
      .references = {"Kitagawa, E. M. (1955). Components of a difference between two rates. JASA 50:1168."}};
}

}  // namespace cotejo
