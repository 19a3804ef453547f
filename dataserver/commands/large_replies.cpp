#include "dataserver/commands/large_replies.h"

#include <memory>

#include "common/base/limits.h"
#include "dataserver/store/large_string.h"
#include "dataserver/store/list_reader.h"
#include "dataserver/store/member_reader.h"

namespace ringhold {

namespace {

// A source that has a reader of some kind, and a head that comes first.
template <typename Reader>
class ReaderSource : public ReplySource {
 public:
  template <typename... Args>
  explicit ReaderSource(Args&&... args) : reader_(std::forward<Args>(args)..., held_) {}

  bool write_some(ReplyWriter& reply, std::size_t bytes_max) override {
    if (!begun_) write_head(reply);
    begun_ = true;
    return write_items(reply, bytes_max);
  }
  std::size_t held() const override { return held_; }

 protected:
  virtual void write_head(ReplyWriter& reply) = 0;
  virtual bool write_items(ReplyWriter& reply, std::size_t bytes_max) = 0;
  Reader& reader() { return reader_; }

 private:
  std::size_t held_ = 0;
  Reader reader_;
  bool begun_ = false;
};

class StringSource final : public ReaderSource<StringReader> {
  using ReaderSource::ReaderSource;
  void write_head(ReplyWriter& reply) override { reply.bulk_head(reader().size()); }
  bool write_items(ReplyWriter& reply, std::size_t bytes_max) override {
    const bool more = reader().read(bytes_max, [&reply](std::string_view piece) { reply.raw(piece); });
    if (!more) reply.bulk_end();
    return more;
  }
};

class ListSource final : public ReaderSource<ListReader> {
  using ReaderSource::ReaderSource;
  void write_head(ReplyWriter& reply) override { reply.array(reader().size()); }
  bool write_items(ReplyWriter& reply, std::size_t bytes_max) override {
    return reader().read(bytes_max, [&reply](const StringValue& item) {
      IntText scratch;
      reply.bulk(item.text(scratch));
    });
  }
};

class MemberSource final : public ReaderSource<MemberReader> {
 public:
  MemberSource(MemberTable& members, MemberReply what) : ReaderSource(members), what_(what) {}

 private:
  void write_head(ReplyWriter& reply) override {
    if (what_ == MemberReply::kMap) return reply.map(reader().size());
    if (what_ == MemberReply::kSet) return reply.set(reader().size());
    reply.array(reader().size());
  }
  bool write_items(ReplyWriter& reply, std::size_t bytes_max) override {
    return reader().read(bytes_max, [this, &reply](std::string_view name, std::string_view value) {
      if (what_ != MemberReply::kValues) reply.bulk(name);
      if (what_ == MemberReply::kValues || what_ == MemberReply::kMap) reply.bulk(value);
    });
  }
  MemberReply what_;
};

bool is_worth_it(const CommandContext& context, std::size_t bytes) {
  return context.may_reply_slowly && bytes >= limits::kSlowReplyBytesMin;
}

}  // namespace

bool reply_slowly(CommandContext& context, const Entry& string, std::size_t first, std::size_t count) {
  if (!string.is_large_string() || !is_worth_it(context, count)) return false;
  auto& value = static_cast<LargeString&>(*string.collection());
  context.slow_reply = std::make_unique<StringSource>(value, first, count);
  return true;
}

bool reply_slowly(CommandContext& context, ChunkedList& list, std::size_t first, std::size_t count) {
  if (count == 0 || !is_worth_it(context, list.bytes() / list.size() * count)) return false;
  context.slow_reply = std::make_unique<ListSource>(list, first, count);
  return true;
}

bool reply_slowly(CommandContext& context, MemberTable& members, MemberReply what) {
  if (!is_worth_it(context, members.bytes())) return false;
  context.slow_reply = std::make_unique<MemberSource>(members, what);
  return true;
}

}  // namespace ringhold
