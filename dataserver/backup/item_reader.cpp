#include "dataserver/backup/item_reader.h"

#include <cstring>

#include "common/base/check.h"
#include "dataserver/store/member_collection.h"
#include "dataserver/store/sorted_set.h"

namespace ringhold {

ItemReader::ItemReader(const Entry& entry, std::size_t& held) : type_(entry.type()) {
  Collection* value = entry.collection();
  switch (type_) {
    case ValueType::kString:
      reader_.emplace<StringReader>(static_cast<LargeString&>(*value), 0, value->size(), held);
      return;
    case ValueType::kList:
      reader_.emplace<ListReader>(static_cast<ChunkedList&>(*value), 0, value->size(), held);
      return;
    case ValueType::kSet:
    case ValueType::kHash:
      reader_.emplace<MemberReader>(static_cast<MemberCollection&>(*value).members(), held);
      return;
    case ValueType::kZset:
      reader_.emplace<MemberReader>(static_cast<SortedSet&>(*value).members(), held);
      return;
  }
}

bool ItemReader::read(std::size_t bytes_max, const VisitItem& visit) {
  if (auto* string = std::get_if<StringReader>(&reader_)) return string->read(bytes_max, visit);
  if (auto* list = std::get_if<ListReader>(&reader_)) {
    return list->read(bytes_max, [&visit](const StringValue& item) {
      IntText scratch;
      visit(item.text(scratch));
    });
  }
  auto* members = std::get_if<MemberReader>(&reader_);
  INVARIANT(members != nullptr);
  return members->read(bytes_max, [this, &visit](std::string_view name, std::string_view value) {
    visit(name);
    if (type_ == ValueType::kHash) visit(value);
    if (type_ != ValueType::kZset) return;
    double score = 0;
    INVARIANT(value.size() == sizeof(score));
    std::memcpy(&score, value.data(), sizeof(score));
    visit(score_item(score).view());
  });
}

}  // namespace ringhold
