#include "dataserver/store/sort.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "dataserver/store/hashes.h"
#include "dataserver/store/lists.h"
#include "dataserver/store/set_members.h"
#include "dataserver/store/zset_view.h"

namespace ringhold::sorting {

namespace {

// Elements, of which some are passed over; in the order of the key's type, or its reverse.
struct Window {
  std::size_t first = 0;
  std::size_t count = 0;
  bool reversed = false;
};

struct Item {
  std::string element;
  double number = 0;
  std::optional<std::string> text;  // the value from elsewhere that it is ordered by
};

std::string owned(const StringValue& value) {
  IntText scratch;
  return std::string(value.text(scratch));
}

// --- reading the elements ---

void read_list(Store& store, std::string_view key, const Window& window, UnixMs now,
               std::vector<std::string>& elements) {
  const lists::List list(store, key, now, Use::kWrite);  // the hit was counted already
  std::size_t left = window.count;
  if (left == 0) return;
  const std::size_t at = window.reversed ? list.size() - 1 - window.first : window.first;
  list.walk(at, window.reversed ? ListEnd::kFront : ListEnd::kBack, [&](const StringValue& item) {
    elements.push_back(owned(item));
    return --left > 0;
  });
}

void read_zset(const ZsetView& view, const Window& window, std::vector<std::string>& elements) {
  if (window.count == 0) return;
  const std::size_t at = window.reversed ? view.size() - 1 - window.first : window.first;
  const auto direction = window.reversed ? Direction::kBackward : Direction::kForward;
  view.walk(at, window.count, direction,
            [&elements](std::string_view member, double) { elements.emplace_back(member); });
}

// A set's elements come in the order of SMEMBERS; the window is that of the others.
std::vector<std::string> read_elements(Store& store, std::string_view key, const Place& place,
                                       const Window& window, UnixMs now) {
  std::vector<std::string> elements;
  elements.reserve(window.count);
  switch (place.entry->type()) {
    case ValueType::kList:
      read_list(store, key, window, now, elements);
      break;
    case ValueType::kZset:
      read_zset(ZsetView(*place.entry), window, elements);
      break;
    case ValueType::kSet:
      SetMembers(*place.entry, store.options().seed).for_each([&elements](const StringValue& member) {
        elements.push_back(owned(member));
      });
      break;
    case ValueType::kString:
    case ValueType::kHash:
      break;
  }
  return elements;
}

std::size_t size_of(Store& store, std::string_view key, const Place& place, UnixMs now) {
  switch (place.entry->type()) {
    case ValueType::kList:
      return lists::List(store, key, now, Use::kWrite).size();
    case ValueType::kZset:
      return ZsetView(*place.entry).size();
    default:
      return SetMembers(*place.entry, store.options().seed).size();
  }
}

// --- ordering them ---

// As C's strtod reads it, up to a NUL; nothing at all is 0.
std::optional<double> parse_number(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(text.c_str(), &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
  return number;
}

// False if one of them is no number.
bool find_weights(Store& store, const SortOptions& options, std::vector<Item>& items, UnixMs now) {
  bool good = true;
  for (Item& item : items) {
    if (options.by) {
      item.text = value_of(store, *options.by, item.element, now);
      if (!item.text) continue;  // counts as 0, and as text comes before all others
    }
    if (options.as_text) continue;
    const auto number = parse_number(options.by ? *item.text : item.element);
    good = good && number;
    item.number = number.value_or(0);
  }
  return good;
}

int compare(const Item& a, const Item& b, const SortOptions& options) {
  if (!options.as_text) {
    if (a.number != b.number) return a.number < b.number ? -1 : 1;
    return a.element.compare(b.element);
  }
  if (!options.by) return a.element.compare(b.element);
  if (a.text == b.text) return 0;
  return a.text < b.text ? -1 : 1;
}

void order(std::vector<Item>& items, const SortOptions& options, ValueType type) {
  // What compares as equal keeps its order, but a set has none.
  const bool by_bytes = type == ValueType::kSet;
  std::stable_sort(items.begin(), items.end(), [&options, by_bytes](const Item& a, const Item& b) {
    const int compared = compare(a, b, options);
    if (compared == 0 && by_bytes) return a.element < b.element;
    return options.descending ? compared > 0 : compared < 0;
  });
}

// The part of `size` elements that is wanted.
Window limited(std::size_t size, const SortOptions& options) {
  const auto all = static_cast<std::int64_t>(size);
  const std::int64_t first = std::clamp<std::int64_t>(options.offset, 0, all);
  const std::int64_t left = all - first;
  const std::int64_t count = options.count < 0 ? left : std::min(options.count, left);
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(count)};
}

std::vector<std::string> cut(std::vector<std::string> elements, const Window& window) {
  const auto first = elements.begin() + static_cast<std::ptrdiff_t>(window.first);
  const auto end = first + static_cast<std::ptrdiff_t>(window.count);
  return {std::make_move_iterator(first), std::make_move_iterator(end)};
}

bool can_be_sorted(ValueType type) {
  return type == ValueType::kList || type == ValueType::kSet || type == ValueType::kZset;
}

}  // namespace

SortResult sort(Store& store, std::string_view key, const SortOptions& given, UnixMs now) {
  const Place place = store.find(store.hash(key), now, Use::kRead);
  if (!place) return {Status::kOk, {}};
  const ValueType type = place.entry->type();
  if (!can_be_sorted(type)) return {Status::kWrongType, {}};
  SortOptions options = given;
  if (options.keep_order && type == ValueType::kSet && options.stores) {
    options.keep_order = false;
    options.as_text = true;
    options.by.reset();
  }
  const std::size_t size = size_of(store, key, place, now);
  const Window window = limited(size, options);
  if (options.keep_order && type != ValueType::kSet) {
    const Window part{window.first, window.count, options.descending};
    return {Status::kOk, read_elements(store, key, place, part, now)};
  }
  std::vector<std::string> elements = read_elements(store, key, place, {0, size}, now);
  if (options.keep_order) return {Status::kOk, cut(std::move(elements), window)};
  std::vector<Item> items(elements.size());
  for (std::size_t i = 0; i < items.size(); ++i) items[i].element = std::move(elements[i]);
  if (!find_weights(store, options, items, now)) return {Status::kNotANumber, {}};
  order(items, options, type);
  for (std::size_t i = 0; i < items.size(); ++i) elements[i] = std::move(items[i].element);
  return {Status::kOk, cut(std::move(elements), window)};
}

std::optional<std::string> value_of(Store& store, std::string_view pattern, std::string_view element,
                                    UnixMs now) {
  if (pattern == "#") return std::string(element);
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return std::nullopt;
  std::string_view rest = pattern.substr(star + 1);
  std::string_view field;
  const std::size_t arrow = rest.find("->");
  if (arrow != std::string_view::npos && arrow + 2 < rest.size()) {
    field = rest.substr(arrow + 2);
    rest = rest.substr(0, arrow);
  }
  const std::string key = std::string(pattern.substr(0, star)).append(element).append(rest);
  if (!field.empty()) {
    const auto fields = hashes::read(store, key, now);
    const auto value = fields ? fields->find(field) : std::nullopt;
    return value ? std::optional(owned(*value)) : std::nullopt;
  }
  const Place place = store.find(store.hash(key), now, Use::kRead);
  if (!place || place.entry->type() != ValueType::kString) return std::nullopt;
  IntText scratch;
  return std::string(place.entry->text(scratch));
}

void store_list(Store& store, std::string_view key, const std::vector<std::string>& items, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  if (const Place old = store.find(hashed, now, Use::kWrite)) store.erase(hashed, old);
  if (items.empty()) return;
  const std::vector<std::string_view> views(items.begin(), items.end());
  lists::List(store, key, now, Use::kWrite).push(ListEnd::kBack, views);
}

}  // namespace ringhold::sorting
