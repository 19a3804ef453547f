// ItemReader: the items of a large value (see value_items.h), read slowly; a string's are pieces of it.
#pragma once

#include <cstddef>
#include <variant>

#include "dataserver/backup/value_items.h"
#include "dataserver/store/large_string.h"
#include "dataserver/store/list_reader.h"
#include "dataserver/store/member_reader.h"

namespace ringhold {

class ItemReader {
 public:
  // `held`: see SlowReader. Precondition: the value is a Collection, and not empty.
  ItemReader(const Entry& entry, std::size_t& held);

  // The next items, until they have about `bytes_max` bytes; false once all have been read. A field comes
  // with its value, a member with its score.
  bool read(std::size_t bytes_max, const VisitItem& visit);

 private:
  ValueType type_;
  std::variant<std::monostate, StringReader, ListReader, MemberReader> reader_;
};

}  // namespace ringhold
