// A value or the Error that stands in its place. Bad data travels here; our own bugs assert; the rest throws.
#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "cotejo/base/error.hpp"

namespace cotejo {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    assert(!*this);
    return std::get<1>(state_);
  }
  Error&& error() && {
    assert(!*this);
    return std::get<1>(std::move(state_));
  }

 private:
  T& value() {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  explicit operator bool() const { return !error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace cotejo

// Give the value of a Result a name, or return its error from the enclosing function.
#define COTEJO_TRY(name, expression)                               \
  auto name##_or_error = (expression);                             \
  if (!name##_or_error) return std::move(name##_or_error).error(); \
  auto& name = *name##_or_error

// Return the error of a Result<void>, if it has one.
#define COTEJO_CHECK(expression)                                   \
  do {                                                             \
    auto checked_result = (expression);                            \
    if (!checked_result) return std::move(checked_result).error(); \
  } while (false)
