// Reply::as<T>(): which T there are. Included by reply.h. A program adds its own by specialising ReplyReader.
#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

#include "ringhold/reply.h"

namespace ringhold {

template <typename T>
struct ReplyReader;  // static Expected<T> read(Reply&& reply);

template <typename T>
Expected<T> Reply::as() && {
  return ReplyReader<T>::read(std::move(*this));
}

namespace detail {

// "expected an integer, the reply is a string"; of an error, what it says.
Failure wrong_type(const Reply& reply, std::string_view wanted);
Expected<std::string> read_text(Reply&& reply);
Expected<std::int64_t> read_integer(const Reply& reply);
Expected<double> read_number(const Reply& reply);
Expected<bool> read_boolean(const Reply& reply);
// Of an array or a set.
Expected<std::vector<Reply>> read_elements(Reply&& reply);
// key, value, key, value.
Expected<std::vector<Reply>> read_pairs(Reply&& reply);

template <typename Set>
Expected<Set> read_each(Reply&& reply) {
  auto elements = read_elements(std::move(reply));
  if (!elements) return elements.failure();
  Set all;
  for (Reply& element : *elements) {
    auto value = std::move(element).as<typename Set::value_type>();
    if (!value) return value.failure();
    all.insert(all.end(), *std::move(value));
  }
  return all;
}

// `add` gets each key and value.
template <typename Key, typename Value, typename Result, typename Add>
Expected<Result> read_each_pair(Reply&& reply, const Add& add) {
  auto flat = read_pairs(std::move(reply));
  if (!flat) return flat.failure();
  Result all;
  for (std::size_t at = 0; at + 1 < flat->size(); at += 2) {
    auto key = std::move((*flat)[at]).as<Key>();
    if (!key) return key.failure();
    auto value = std::move((*flat)[at + 1]).as<Value>();
    if (!value) return value.failure();
    add(all, *std::move(key), *std::move(value));
  }
  return all;
}

template <typename Map>
Expected<Map> read_map(Reply&& reply) {
  using Key = typename Map::key_type;
  using Value = typename Map::mapped_type;
  return read_each_pair<Key, Value, Map>(std::move(reply), [](Map& all, Key key, Value value) {
    all.insert_or_assign(std::move(key), std::move(value));
  });
}

}  // namespace detail

template <>
struct ReplyReader<Reply> {
  static Expected<Reply> read(Reply&& reply) { return std::move(reply); }
};

template <>
struct ReplyReader<std::string> {
  static Expected<std::string> read(Reply&& reply) { return detail::read_text(std::move(reply)); }
};

template <>
struct ReplyReader<bool> {
  static Expected<bool> read(Reply&& reply) { return detail::read_boolean(reply); }
};

template <std::integral T>
struct ReplyReader<T> {
  static Expected<T> read(Reply&& reply) {
    const auto value = detail::read_integer(reply);
    if (!value) return value.failure();
    if (!std::in_range<T>(*value)) return detail::wrong_type(reply, "an integer of fewer bits");
    return static_cast<T>(*value);
  }
};

template <std::floating_point T>
struct ReplyReader<T> {
  static Expected<T> read(Reply&& reply) {
    const auto value = detail::read_number(reply);
    if (!value) return value.failure();
    return static_cast<T>(*value);
  }
};

template <typename T>
struct ReplyReader<std::optional<T>> {
  static Expected<std::optional<T>> read(Reply&& reply) {
    if (reply.is_null()) return std::optional<T>();
    auto value = std::move(reply).as<T>();
    if (!value) return value.failure();
    return std::optional<T>(*std::move(value));
  }
};

template <typename A, typename B>
struct ReplyReader<std::pair<A, B>> {
  static Expected<std::pair<A, B>> read(Reply&& reply) {
    if (reply.kind() != Reply::Kind::kArray || reply.elements().size() != 2) {
      return detail::wrong_type(reply, "an array of two");
    }
    auto parts = std::move(reply).take();
    auto first = std::move(parts.elements[0]).as<A>();
    if (!first) return first.failure();
    auto second = std::move(parts.elements[1]).as<B>();
    if (!second) return second.failure();
    return std::pair<A, B>(*std::move(first), *std::move(second));
  }
};

template <typename T>
struct ReplyReader<std::vector<T>> {
  static Expected<std::vector<T>> read(Reply&& reply) {
    return detail::read_each<std::vector<T>>(std::move(reply));
  }
};

template <typename A, typename B>
struct ReplyReader<std::vector<std::pair<A, B>>> {
  using Pairs = std::vector<std::pair<A, B>>;
  static Expected<Pairs> read(Reply&& reply) {
    return detail::read_each_pair<A, B, Pairs>(std::move(reply), [](Pairs& all, A key, B value) {
      all.emplace_back(std::move(key), std::move(value));
    });
  }
};

template <typename T>
struct ReplyReader<std::set<T>> {
  static Expected<std::set<T>> read(Reply&& reply) {
    return detail::read_each<std::set<T>>(std::move(reply));
  }
};

template <typename T>
struct ReplyReader<std::unordered_set<T>> {
  static Expected<std::unordered_set<T>> read(Reply&& reply) {
    return detail::read_each<std::unordered_set<T>>(std::move(reply));
  }
};

template <typename K, typename V>
struct ReplyReader<std::map<K, V>> {
  static Expected<std::map<K, V>> read(Reply&& reply) {
    return detail::read_map<std::map<K, V>>(std::move(reply));
  }
};

template <typename K, typename V>
struct ReplyReader<std::unordered_map<K, V>> {
  static Expected<std::unordered_map<K, V>> read(Reply&& reply) {
    return detail::read_map<std::unordered_map<K, V>>(std::move(reply));
  }
};

}  // namespace ringhold
