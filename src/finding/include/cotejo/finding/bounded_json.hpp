// JSON that a stranger may have written: no deeper than what is later walked by recursion can bear, no more values than
// fit into a gigabyte, and time in proportion to them.
#pragma once

#include <nlohmann/json.hpp>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

namespace cotejo {

inline constexpr std::size_t deepest_json = 64;
inline constexpr std::size_t most_json_values = 10'000'000;
inline constexpr std::size_t most_ordered_keys = 1'024;  // of one object that keeps their order: each is searched for

// Takes the parser's events and keeps the tree. (The library's own tree with a callback goes through all elements of an
// array again whenever an object in it ends.)
template <class Json>
class BoundedTree : public nlohmann::json_sax<Json> {
 public:
  enum class Fault { none, not_json, cancelled, too_deep, too_many };
  explicit BoundedTree(std::stop_token cancel = {}) : cancel_(std::move(cancel)) {}

  Fault parse(std::string_view text) {
    if (!Json::sax_parse(text, this) && fault_ == Fault::none) fault_ = Fault::not_json;
    return fault_;
  }
  Json& tree() { return tree_; }
  const Json& tree() const { return tree_; }

  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_integer(typename Json::number_integer_t v) override { return value(v); }
  bool number_unsigned(typename Json::number_unsigned_t v) override { return value(v); }
  bool number_float(typename Json::number_float_t v, const typename Json::string_t&) override { return value(v); }
  bool string(typename Json::string_t& v) override { return value(std::move(v)); }
  bool binary(typename Json::binary_t& v) override { return value(std::move(v)); }
  bool start_object(std::size_t) override { return start(Json::object()); }
  bool start_array(std::size_t) override { return start(Json::array()); }
  bool key(typename Json::string_t& name) override {
    Json& object = *open_.back();
    if constexpr (requires { typename Json::object_t::Container; })
      if (object.size() >= most_ordered_keys) fault_ = Fault::too_many;
    if (!counted()) return false;
    member_ = &object[std::move(name)];
    return true;
  }
  bool end_object() override {
    Json& object = *open_.back();
    open_.pop_back();
    if (!counted()) return false;
    ended(object);
    return true;
  }
  bool end_array() override {
    open_.pop_back();
    return counted();
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 protected:
  // An object is whole and may be replaced.
  virtual void ended(Json&) {}
  std::size_t values_ = 0;  // keys, values, beginnings and ends

 private:
  bool counted() {
    if (++values_ > most_json_values) fault_ = Fault::too_many;
    if (cancel_.stop_requested()) fault_ = Fault::cancelled;
    return fault_ == Fault::none;
  }
  template <class Value>
  Json* put(Value&& v) {
    if (open_.empty()) {
      tree_ = Json(std::forward<Value>(v));
      return &tree_;
    }
    if (open_.back()->is_array()) return &open_.back()->emplace_back(std::forward<Value>(v));
    *member_ = Json(std::forward<Value>(v));
    return member_;
  }
  template <class Value>
  bool value(Value&& v) {
    if (!counted()) return false;
    put(std::forward<Value>(v));
    return true;
  }
  bool start(Json v) {
    if (open_.size() > deepest_json) fault_ = Fault::too_deep;
    if (!counted()) return false;
    open_.push_back(put(std::move(v)));
    return true;
  }

  std::stop_token cancel_;
  Json tree_;
  std::vector<Json*> open_;  // the arrays and objects that have begun, from the outside in
  Json* member_ = nullptr;   // of the innermost object, whose key was read last
  Fault fault_ = Fault::none;
};

// Discarded (is_discarded()) when the text is no JSON, is nested more than deepest_json levels deep, or has more than
// most_json_values keys and values; and where `cancel` asked for an end: the caller then says "cancelled".
template <class Json = nlohmann::json>
Json parse_bounded(std::string_view text, const std::stop_token& cancel = {}) {
  BoundedTree<Json> bounded(cancel);
  if (bounded.parse(text) != BoundedTree<Json>::Fault::none) return Json(nlohmann::detail::value_t::discarded);
  return std::move(bounded.tree());
}

}  // namespace cotejo
