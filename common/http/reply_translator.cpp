#include "common/http/reply_translator.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "common/base/json_text.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/http/response.h"
#include "common/resp/reply_element.h"

namespace ringhold {

namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// The first word of an error reply says what kind it is.
int status_of_error(std::string_view text) {
  constexpr std::pair<std::string_view, int> kStatuses[] = {{"NOAUTH ", 401},
                                                            {"WRONGPASS ", 401},
                                                            {"NOPERM ", 403},
                                                            {"WRONGTYPE ", 409},
                                                            {"PRECONDITION ", 412},
                                                            {"CLUSTERDOWN ", 503},
                                                            {"NOTREADY ", 503},
                                                            {"UNCERTAIN ", 504},
                                                            {"OOM ", 507},
                                                            {"ERR string exceeds ", 413},
                                                            {"ERR Protocol error: ", 413}};
  for (const auto& [word, status] : kStatuses) {
    if (text.starts_with(word)) return status;
  }
  return 500;
}

// A field's name in a JSON object, which must be a text: what is none, and what could be mistaken for it, is
// "base64:…".
void append_json_name(std::string& out, std::string_view name) {
  constexpr std::string_view kMark = "base64:";
  if (is_utf8(name) && !name.starts_with(kMark)) {
    append_json_text(out, name);
  } else {
    append_json_text(out, std::string(kMark) + base64(name));
  }
}

}  // namespace

void write_answer(ByteBuffer& out, const HttpAnswer& answer, const ResponseContext& context) {
  append_head(out, {.status = answer.status,
                    .wall_ms = context.wall_ms,
                    .minor_version = context.minor_version,
                    .close = context.close,
                    .content_type = answer.content_type,
                    .content_length = answer.body.size(),
                    .more = answer.more});
  if (!context.is_head && !is_bodiless(answer.status)) out.append(answer.body);
}

void ReplyTranslator::begin(ReplyForm form, const ResponseContext& context) {
  *this = {};
  form_ = form;
  context_ = context;
}

ReplyTranslator::Progress ReplyTranslator::step(ByteBuffer& reply, ByteBuffer& out,
                                                std::size_t out_bytes_max) {
  if (stage_ == Stage::kHead) {
    const Progress progress = read_head(reply, out);
    if (progress != Progress::kFull) return progress;
  }
  return stage_ == Stage::kBytes ? copy_bytes(reply, out, out_bytes_max)
                                 : write_items(reply, out, out_bytes_max);
}

ReplyTranslator::Progress ReplyTranslator::finish(ByteBuffer& reply, std::size_t consumed, ByteBuffer& out,
                                                  const HttpAnswer& answer) {
  write_answer(out, answer, context_);
  reply.consume(consumed);
  return Progress::kDone;
}

// A reply that cannot be: before anything was said of it,
ReplyTranslator::Progress ReplyTranslator::give_up(ByteBuffer& reply, ByteBuffer& out) {
  context_.close = true;
  write_answer(out, refusal(500, "the reply could not be read"), context_);
  return break_off(reply);
}
// ... and in the middle of the body, which then lacks its end.
ReplyTranslator::Progress ReplyTranslator::break_off(ByteBuffer& reply) {
  must_close_ = true;
  reply.clear();
  return Progress::kDone;
}

// The reply's first element; kFull: go on with the value.
ReplyTranslator::Progress ReplyTranslator::read_head(ByteBuffer& reply, ByteBuffer& out) {
  const ElementRead read = read_element(reply.view(), 0, searched_);
  if (read.status == ElementStatus::kNeedMore) return Progress::kNeedMore;
  if (read.status == ElementStatus::kError) return give_up(reply, out);
  const ReplyElement& first = read.element;
  if (first.type == '-') {
    return finish(reply, first.end, out, refusal(status_of_error(first.payload), first.payload));
  }
  switch (form_) {
    case ReplyForm::kMetrics:
      return finish(reply, first.end, out,
                    {.content_type = kMetricsType, .body = std::string(first.payload)});
    case ReplyForm::kReady:
      return finish(reply, first.end, out, {.body = "ready\n"});
    case ReplyForm::kJson:
      return finish(reply, first.end, out,
                    {.content_type = kJsonType, .body = std::string(first.payload) + "\n"});
    case ReplyForm::kDelete:
      if (first.integer == 0) break;
      return finish(reply, first.end, out, {.status = 204, .content_type = ""});
    case ReplyForm::kRead:
    case ReplyForm::kLook:
    case ReplyForm::kWrite:
      if (first.is_null) break;
      searched_ = 0;
      return read_value_head(reply, out, first);
  }
  return finish(reply, first.end, out, refusal(404, "there is no such key"));
}

// The elements of an array before the value: small ones, so they are awaited together.
ReplyTranslator::Progress ReplyTranslator::read_value_head(ByteBuffer& reply, ByteBuffer& out,
                                                           const ReplyElement& array) {
  const std::size_t scalars = form_ == ReplyForm::kWrite ? 2 : 3;
  if (array.children < scalars) return give_up(reply, out);
  ReplyElement parts[3];
  std::size_t at = array.end;
  for (std::size_t i = 0; i < scalars; ++i) {
    std::size_t searched = 0;
    const ElementRead read = read_element(reply.view(), at, searched);
    if (read.status == ElementStatus::kNeedMore) return Progress::kNeedMore;
    if (read.status == ElementStatus::kError) return give_up(reply, out);
    parts[i] = read.element;
    at = read.element.end;
  }
  if (form_ == ReplyForm::kWrite) {
    return finish(reply, at, out,
                  {.status = parts[0].integer != 0 ? 201 : 200,
                   .content_type = "",
                   .more = fmt::format("ETag: \"{}\"\r\n", parts[1].payload)});
  }
  type_ = parts[0].payload;
  tag_ = parts[1].is_null ? "" : parts[1].payload;
  ttl_ms_ = parts[2].integer;
  if (array.children < 4) {
    return finish(reply, at, out,
                  {.status = 304,
                   .content_type = "",
                   .more = tag_.empty() ? "" : fmt::format("ETag: \"{}\"\r\n", tag_)});
  }
  if (form_ == ReplyForm::kLook) {
    std::size_t searched = 0;
    const ElementRead size = read_element(reply.view(), at, searched);
    if (size.status == ElementStatus::kNeedMore) return Progress::kNeedMore;
    if (size.status == ElementStatus::kError) return give_up(reply, out);
    write_value_head(out,
                     type_ == "string" ? std::optional<std::uint64_t>(size.element.integer) : std::nullopt);
    reply.consume(size.element.end);
    return Progress::kDone;
  }
  return type_ == "string" ? start_bytes(reply, out, at) : start_items(reply, out, at);
}

// "$SIZE\r\n", of which the bytes may be long in coming.
ReplyTranslator::Progress ReplyTranslator::start_bytes(ByteBuffer& reply, ByteBuffer& out, std::size_t at) {
  const std::string_view rest = reply.view().substr(at);
  const std::size_t line = rest.find("\r\n");
  if (line == std::string_view::npos) return Progress::kNeedMore;
  const auto size = parse_uint64(rest.substr(1, line - 1));
  if (!size) return give_up(reply, out);
  write_value_head(out, *size);
  reply.consume(at + line + 2);
  bytes_left_ = *size;
  stage_ = Stage::kBytes;
  return Progress::kFull;
}

ReplyTranslator::Progress ReplyTranslator::start_items(ByteBuffer& reply, ByteBuffer& out, std::size_t at) {
  std::size_t searched = 0;
  const ElementRead read = read_element(reply.view(), at, searched);
  if (read.status == ElementStatus::kNeedMore) return Progress::kNeedMore;
  if (read.status == ElementStatus::kError) return give_up(reply, out);
  write_value_head(out, std::nullopt);
  reply.consume(read.element.end);
  items_left_ = read.element.children;
  stage_ = Stage::kItems;
  return Progress::kFull;
}

void ReplyTranslator::write_value_head(ByteBuffer& out, const std::optional<std::uint64_t>& length) {
  std::string more = fmt::format("Ringhold-Type: {}\r\n", type_);
  if (!tag_.empty()) more += fmt::format("ETag: \"{}\"\r\n", tag_);
  if (ttl_ms_ >= 0) more += fmt::format("Ringhold-Ttl: {}\r\n", (ttl_ms_ + 999) / 1000);
  more += "Accept-Ranges: none\r\n";
  must_close_ = !length && context_.minor_version == 0;
  append_head(out, {.status = 200,
                    .wall_ms = context_.wall_ms,
                    .minor_version = context_.minor_version,
                    .close = context_.close || must_close_,
                    .content_type = type_ == "string" ? "application/octet-stream" : kJsonType,
                    .content_length = length,
                    .more = std::move(more)});
}

ReplyTranslator::Progress ReplyTranslator::copy_bytes(ByteBuffer& reply, ByteBuffer& out,
                                                      std::size_t out_bytes_max) {
  const std::size_t size = std::min({bytes_left_, out_bytes_max, reply.size()});
  out.append(reply.view().substr(0, size));
  reply.consume(size);
  bytes_left_ -= size;
  if (bytes_left_ > 0) return reply.empty() ? Progress::kNeedMore : Progress::kFull;
  if (reply.size() < 2) return Progress::kNeedMore;
  reply.consume(2);  // the line end
  return Progress::kDone;
}

// Chunks, but for HTTP/1.0.
void ReplyTranslator::write_piece(ByteBuffer& out, std::string_view piece, bool last) {
  if (context_.minor_version == 0) {
    out.append(piece);
    return;
  }
  if (!piece.empty()) {
    out.append(fmt::format("{:x}\r\n", piece.size()));
    out.append(piece);
    out.append("\r\n");
  }
  if (last) out.append("0\r\n\r\n");
}

// A long item is on its way: "$SIZE\r\n" has come. It is written as base64, in slices, since only its end
// tells whether it is UTF-8.
bool ReplyTranslator::begin_long_item(std::string_view rest, std::string& piece, std::size_t& consumed) {
  const std::size_t line = rest.find("\r\n");
  if (!rest.starts_with('$') || line == std::string_view::npos) return false;
  const auto size = parse_uint64(rest.substr(1, line - 1));
  if (!size || *size < limits::kLargeBytesMin) return false;
  append_separator(piece);
  piece += is_name() ? "\"base64:" : "{\"base64\":\"";
  bytes_left_ = *size;
  consumed += line + 2;
  stage_ = Stage::kLongItem;
  return true;
}

bool ReplyTranslator::write_long_item(std::string_view rest, std::string& piece, std::size_t& consumed,
                                      std::size_t out_bytes_max) {
  std::size_t size = std::min({bytes_left_, rest.size(), out_bytes_max});
  if (size < bytes_left_) size -= size % 3;  // so that no padding stands in the middle
  piece += base64(rest.substr(0, size));
  bytes_left_ -= size;
  consumed += size;
  if (bytes_left_ > 0 || rest.size() < size + 2) return false;
  consumed += 2;
  piece += is_name() ? "\"" : "\"}";
  pass_item();
  stage_ = Stage::kItems;
  return true;
}

bool ReplyTranslator::is_name() const {
  return type_ == "hash" && items_done_ % 2 == 0;
}

void ReplyTranslator::append_separator(std::string& piece) const {
  if (items_done_ == 0) {
    piece += type_ == "hash" ? '{' : '[';
  } else {
    piece += type_ == "hash" && !is_name() ? ':' : ',';
  }
}

void ReplyTranslator::pass_item() {
  searched_ = 0;
  ++items_done_;
  --items_left_;
}

ReplyTranslator::Progress ReplyTranslator::write_items(ByteBuffer& reply, ByteBuffer& out,
                                                       std::size_t out_bytes_max) {
  std::string piece;
  std::size_t consumed = 0;
  bool goes_on = true;
  while (goes_on && items_left_ > 0 && piece.size() < out_bytes_max) {
    const std::string_view rest = reply.view().substr(consumed);
    if (stage_ == Stage::kLongItem) {
      goes_on = write_long_item(rest, piece, consumed, out_bytes_max);
      continue;
    }
    if (begin_long_item(rest, piece, consumed)) continue;
    const ElementRead read = read_element(reply.view(), consumed, searched_);
    if (read.status == ElementStatus::kError) return break_off(reply);
    goes_on = read.status == ElementStatus::kElement;
    if (!goes_on) break;
    append_separator(piece);
    is_name() ? append_json_name(piece, read.element.payload)
              : append_json_bytes(piece, read.element.payload);
    consumed = read.element.end;
    pass_item();
  }
  if (consumed > 0) searched_ = 0;
  reply.consume(consumed);
  if (items_left_ == 0)
    piece += items_done_ == 0 ? (type_ == "hash" ? "{}" : "[]") : type_ == "hash" ? "}" : "]";
  write_piece(out, piece, items_left_ == 0);
  if (items_left_ == 0) return Progress::kDone;
  return goes_on ? Progress::kFull : Progress::kNeedMore;
}

}  // namespace ringhold
