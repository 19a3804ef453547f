// REST …: what HTTP requests for a key become, each one atomic step. See docs/rest.md.
#include <optional>
#include <string>

#include "common/base/text.h"
#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handlers.h"
#include "dataserver/commands/hash_replies.h"
#include "dataserver/commands/large_replies.h"
#include "dataserver/commands/list_replies.h"
#include "dataserver/commands/string_options.h"
#include "dataserver/commands/string_replies.h"
#include "dataserver/store/hashes.h"
#include "dataserver/store/large_string.h"
#include "dataserver/store/lists.h"
#include "dataserver/store/strings.h"
#include "dataserver/store/value_tag.h"

namespace ringhold::handlers {

namespace {

struct RestOptions {
  std::optional<std::string_view> match;    // tags, of which one must match
  std::optional<std::string_view> nomatch;  // tags, of which none may match
  std::optional<std::string_view> seconds;
};

// What a condition is about: the value at a key.
struct Subject {
  Place place;
  std::string tag;  // of a string, if somebody asks for it
};

// "REST" is dropped, so that what follows stands where the other commands have it: the key is args[1].
std::optional<RestOptions> parse(CommandContext& context, std::size_t first, bool takes_time) {
  context.args = context.args.subspan(1);
  RestOptions options;
  for (std::size_t i = first; i < context.args.size(); i += 2) {
    const std::string_view word = context.args[i];
    std::optional<std::string_view>* option = equals_ignore_case(word, "match")     ? &options.match
                                              : equals_ignore_case(word, "nomatch") ? &options.nomatch
                                              : takes_time && equals_ignore_case(word, "ex")
                                                  ? &options.seconds
                                                  : nullptr;
    if (option == nullptr || option->has_value() || i + 1 == context.args.size()) {
      context.reply.error(errors::kSyntax);
      return std::nullopt;
    }
    *option = context.args[i + 1];
  }
  for (const auto& tags : {options.match, options.nomatch}) {
    if (!tags || is_tag_list(*tags)) continue;
    context.reply.error("ERR tags are *, or 16 hexadecimal digits each, separated by commas");
    return std::nullopt;
  }
  return options;
}

bool is_string(const Place& place) {
  return place && place.entry->type() == ValueType::kString;
}

Subject subject_of(const Place& place, bool wants_tag) {
  Subject subject{place, ""};
  if (!wants_tag || !is_string(place)) return subject;
  IntText scratch;
  subject.tag = place.entry->is_large_string()
                    ? static_cast<const LargeString&>(*place.entry->collection()).tag()
                    : value_tag(place.entry->text(scratch));
  return subject;
}

// "*", or digits separated by commas.
bool matches(const Subject& subject, std::string_view tags) {
  if (!subject.place) return false;
  if (tags == "*") return true;
  return !subject.tag.empty() && tags.find(subject.tag) != std::string_view::npos;
}

// Whether a write may go ahead; else an error has been replied.
bool may_write(CommandContext& context, const Subject& subject, const RestOptions& options) {
  if (options.match && !matches(subject, *options.match)) {
    context.reply.error(subject.place ? "PRECONDITION the key holds another value"
                                      : "PRECONDITION there is no such key");
    return false;
  }
  if (options.nomatch && matches(subject, *options.nomatch)) {
    context.reply.error("PRECONDITION the key exists, with a value that the condition excludes");
    return false;
  }
  return true;
}

bool has_condition(const RestOptions& options) {
  return options.match || options.nomatch;
}

// What REST GET and REST HEAD have in common: everything but the value. Empty: the reply is complete.
std::optional<Subject> reply_head(CommandContext& context) {
  const auto options = parse(context, 2, false);
  if (!options) return std::nullopt;
  const Place place = find(context, context.args[1], Use::kRead);
  const Subject subject = subject_of(place, true);
  if (!place) {
    context.reply.null();
    return std::nullopt;
  }
  if (options->match && !matches(subject, *options->match)) {
    may_write(context, subject, {.match = options->match});
    return std::nullopt;
  }
  const ValueType type = place.entry->type();
  if (type != ValueType::kString && type != ValueType::kList && type != ValueType::kHash) {
    context.reply.error(errors::kWrongType);
    return std::nullopt;
  }
  const bool unchanged = options->nomatch && matches(subject, *options->nomatch);
  context.reply.array(unchanged ? 3 : 4);
  context.reply.bulk(type == ValueType::kString ? "string" : type == ValueType::kList ? "list" : "hash");
  subject.tag.empty() ? context.reply.null() : context.reply.bulk(subject.tag);
  const UnixMs deadline = place.entry->deadline();
  context.reply.integer(deadline == kNoDeadline ? -1 : deadline - context.now);
  return unchanged ? std::nullopt : std::optional<Subject>(subject);
}

}  // namespace

void rest_get(CommandContext& context) {
  const auto subject = reply_head(context);
  if (!subject) return;
  const Entry& entry = *subject->place.entry;
  if (entry.type() == ValueType::kHash) return reply_all(context, hashes::Fields(entry));
  if (entry.type() == ValueType::kList) {
    const lists::List list(context.store, context.args[1], context.now, Use::kLook);
    return reply_items(context, list, 0, list.size(), ListEnd::kBack);
  }
  if (reply_slowly(context, entry, 0, entry.text_size())) return;
  IntText scratch;
  context.reply.bulk(entry.text(scratch));
}

void rest_head(CommandContext& context) {
  const auto subject = reply_head(context);
  if (!subject) return;
  const Entry& entry = *subject->place.entry;
  std::size_t size = 0;
  if (entry.type() == ValueType::kString) {
    size = entry.text_size();
  } else if (entry.type() == ValueType::kHash) {
    size = hashes::Fields(entry).size();
  } else {
    size = lists::List(context.store, context.args[1], context.now, Use::kLook).size();
  }
  context.reply.integer(static_cast<std::int64_t>(size));
}

void rest_put(CommandContext& context) {
  const auto options = parse(context, 3, true);
  if (!options) return;
  const std::string_view value = context.args[2];
  UnixMs deadline = kNoDeadline;
  if (options->seconds) {
    const auto given =
        expire_deadline(context, {*options->seconds, TimeUnit::kSeconds, TimeBase::kNow}, "rest|put");
    if (!given) return;
    deadline = *given;
  }
  const Subject before = subject_of(find(context, context.args[1], Use::kWrite), has_condition(*options));
  if (!may_write(context, before, *options)) return;
  if (before.place && !is_string(before.place)) return context.reply.error(errors::kWrongType);
  const bool is_new = !before.place;
  const std::string tag = value_tag(value);  // while it is where it came
  const auto status = strings::set(context.store, context.args[1], value,
                                   {.deadline = deadline, .owner = context.owner}, context.now);
  if (status != strings::Status::kOk) return reply_error(context, status);
  context.reply.array(2);
  context.reply.integer(is_new ? 1 : 0);
  context.reply.bulk(tag);
}

void rest_delete(CommandContext& context) {
  const auto options = parse(context, 2, false);
  if (!options) return;
  const HashedKey key = context.store.hash(context.args[1]);
  const Subject subject =
      subject_of(context.store.find(key, context.now, Use::kWrite), has_condition(*options));
  // RFC 9110, 13.2.1: what is not there is not there, whatever the conditions say.
  if (!subject.place) return context.reply.integer(0);
  if (!may_write(context, subject, *options)) return;
  context.store.erase(key, subject.place);
  context.reply.integer(1);
}

}  // namespace ringhold::handlers
