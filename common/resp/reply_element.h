// The grammar of replies, one element at a time: shared by the parser, which only looks for a reply's end,
// and by decode_reply, which builds a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringhold {

struct ReplyElement {
  char type = 0;             // as on the wire: + - : $ * _ # , ( ! = % ~ > |
  bool is_null = false;      // "$-1" and "*-1"
  std::string_view payload;  // of a scalar: without the type, the length and the line end
  std::int64_t integer = 0;  // ':'
  std::size_t children = 0;  // of an aggregate: elements that follow; a map has two per pair
  std::size_t end = 0;       // offset behind the scalar, or behind the aggregate's header
};

enum class ElementStatus { kNeedMore, kElement, kError };

// Reads the element at offset `at`: a whole scalar, or the header of an aggregate. `searched` says up to
// where no line end was found by earlier calls for the same element (0 at first), so that a slow line costs
// no more than a fast one. After kError, `error` says what is wrong.
struct ElementRead {
  ElementStatus status = ElementStatus::kNeedMore;
  ReplyElement element;
  const char* error = "";
};
ElementRead read_element(std::string_view input, std::size_t at, std::size_t& searched);

}  // namespace ringhold
