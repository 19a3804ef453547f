// Command lines over all rows of the table, one after the other on one store: each gets exactly one
// well-formed reply, and the books balance.
//
// An input is a sequence of command lines: a byte for the row, one for the number of further arguments (of
// 8), and for each a byte: below 0xC0 it chooses a word of the list, else the low six bits are the length of
// a text that follows.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "common/command/command_table.h"
#include "common/resp/reply_parser.h"
#include "dataserver/commands/handler.h"
#include "dataserver/store/store.h"

namespace {

using namespace ringhold;

constexpr std::array<std::string_view, 64> kWords = {"k",
                                                     "l",
                                                     "h",
                                                     "s",
                                                     "z",
                                                     "{k}2",
                                                     "{k}3",
                                                     "0",
                                                     "1",
                                                     "2",
                                                     "-1",
                                                     "-2",
                                                     "10",
                                                     "100",
                                                     "3.5",
                                                     "-0.5",
                                                     "inf",
                                                     "-inf",
                                                     "nan",
                                                     "(1",
                                                     "(inf",
                                                     "[a",
                                                     "(b",
                                                     "+",
                                                     "-",
                                                     "a",
                                                     "b",
                                                     "c",
                                                     "",
                                                     "9223372036854775807",
                                                     "-9223372036854775808",
                                                     "18446744073709551616",
                                                     "4294967296",
                                                     "1e400",
                                                     "nx",
                                                     "xx",
                                                     "gt",
                                                     "lt",
                                                     "ch",
                                                     "incr",
                                                     "ex",
                                                     "px",
                                                     "keepttl",
                                                     "get",
                                                     "count",
                                                     "match",
                                                     "type",
                                                     "limit",
                                                     "by",
                                                     "store",
                                                     "left",
                                                     "right",
                                                     "before",
                                                     "after",
                                                     "withscores",
                                                     "withvalues",
                                                     "weights",
                                                     "aggregate",
                                                     "sum",
                                                     "u8",
                                                     "i64",
                                                     "#1",
                                                     "overflow",
                                                     "sat"};

class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::string_view word() {
    const std::uint8_t choice = byte();
    if (choice < 0xC0) return kWords[choice % kWords.size()];
    const std::string_view text = bytes_.substr(0, choice & 0x3FU);
    bytes_.remove_prefix(text.size());
    return text;
  }

 private:
  std::string_view bytes_;
};

// The name and subcommand of a row as arguments.
std::vector<std::string_view> name_of(const CommandRow& row) {
  const std::size_t bar = row.name.find('|');
  if (bar == std::string_view::npos) return {row.name};
  return {row.name.substr(0, bar), row.name.substr(bar + 1)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({reinterpret_cast<const char*>(data), size});
  Store store({.seed = 7, .value_bytes_max = std::uint64_t{1} << 20U});
  // Large forms come early, so that short inputs reach them.
  if ((input.byte() & 1U) != 0) {
    store.encoding() = {.list_bytes = 32,
                        .hash_entries = 2,
                        .hash_value_bytes = 8,
                        .set_integers = 2,
                        .set_entries = 2,
                        .set_value_bytes = 8,
                        .zset_entries = 2,
                        .zset_value_bytes = 8};
  }
  const auto rows = command_rows();
  UnixMs now = 1700000000000;
  std::vector<std::string_view> rewritten;
  for (int commands = 0; commands < 64 && !input.empty(); ++commands) {
    std::vector<std::string_view> args = name_of(rows[input.byte() % rows.size()]);
    for (unsigned more = input.byte() % 8U; more > 0; --more) args.push_back(input.word());
    const CommandLookup found = find_command(args);
    if (found.row == nullptr) continue;
    const CommandRow* row = found.row;
    if (row->is_short_form()) {
      rewrite_short_form(*row, args, rewritten);
      args = rewritten;
      row = find_command(args).row;
    }
    const Handler handler = store_handler(row->id);
    std::vector<std::uint32_t> positions;
    if (handler == nullptr) continue;
    if (row->keys.first != 0 && !key_positions(*row, args, positions).ok()) continue;
    ByteBuffer out;
    ReplyWriter reply(out, commands % 2 == 0 ? RespVersion::k2 : RespVersion::k3);
    CommandContext context{args, reply, store, now, static_cast<std::uint64_t>(commands)};
    handler(context);
    ReplyParser parser;
    INVARIANT(parser.next(out.view()) == ReplyParser::Status::kReply && parser.consumed() == out.size());
    now += 3;
  }
  INVARIANT(store.used_bytes() == store.recount_bytes());
  return 0;
}
