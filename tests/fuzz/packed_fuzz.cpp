// The packed form of items against a plain vector: the same items, forwards and backwards, after any splices.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "dataserver/store/packed.h"
#include "dataserver/store/store.h"

namespace {

using namespace ringhold;

std::string text_of(const StringValue& item) {
  IntText scratch;
  return std::string(item.text(scratch));
}

void compare(const PackedItems& items, const std::vector<std::string>& model) {
  std::size_t at = 0;
  for (const std::string& expected : model) {
    INVARIANT(at < items.size() && text_of(items.at(at)) == expected);
    at = items.next(at);
  }
  INVARIANT(at == items.size());
  for (auto expected = model.rbegin(); expected != model.rend(); ++expected) {
    at = items.previous(at);
    INVARIANT(text_of(items.at(at)) == *expected);
  }
  INVARIANT(at == 0);
}

}  // namespace

// A byte for the place, one for what is done there, and, to insert, one for the length of the text that
// follows (above 200: repeated a hundred times).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Store store({});
  const HashedKey key = store.hash("key");
  Place place;
  store.create_packed(key, place, ValueType::kList, 0, 1);
  std::vector<std::string> model;
  while (input.size() >= 3) {
    const std::size_t index = static_cast<std::uint8_t>(input[0]) % (model.size() + 1);
    const bool removes = (static_cast<std::uint8_t>(input[1]) & 3U) == 0 && index < model.size();
    const std::size_t length = static_cast<std::uint8_t>(input[2]);
    input.remove_prefix(3);
    const PackedItems items(place.entry->packed());
    const std::size_t at = items.nth(index);
    if (removes) {
      store.splice_packed(key, place, {.at = at, .removed = items.next(at) - at, .added = 0});
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(index));
    } else {
      std::string text(input.substr(0, length));
      input.remove_prefix(text.size());
      if (length > 200) {
        const std::string once = text;
        for (int i = 0; i < 100; ++i) text += once;
      }
      const StringValue value = StringValue::encode(text);
      char* payload = store.splice_packed(key, place, {.at = at, .removed = 0, .added = packed_size(value)});
      pack(payload + at, value);
      model.insert(model.begin() + static_cast<std::ptrdiff_t>(index), text);
    }
    compare(PackedItems(place.entry->packed()), model);
    INVARIANT(store.used_bytes() == store.recount_bytes());
  }
  return 0;
}
