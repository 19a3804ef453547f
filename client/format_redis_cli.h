// Replies as redis-cli 7.0 prints them: scripts and eyes are used to it. Byte for byte, unless the style asks
// for colours or for text in all scripts.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "client/style.h"
#include "common/resp/reply_parser.h"

namespace ringhold::client {

// Takes the next piece of a text; false: no more is wanted.
using Sink = std::function<bool(std::string_view)>;

// For people: (integer) 1, "quoted", 1) "a", (nil), (error) ERR ...; ends with a newline.
std::string format_for_terminal(const ReplyValue& reply, Style style = {});
// The same in pieces, so that a long list begins to appear at once, and can be stopped. False if it was.
bool write_for_terminal(const ReplyValue& reply, Style style, const Sink& sink);

// For pipes: the bytes alone, one element per line; without the newline that stands behind each reply.
std::string format_raw(const ReplyValue& reply);

// Whether this command's reply is a text for people already (INFO, CLIENT LIST, ...), which a terminal gets
// raw.
bool replies_with_text(std::span<const std::string> args);

// `bytes` in double quotes; what is not printable as \n or \xNN. With `unicode` the characters of all scripts
// are printable, but none that a terminal would obey.
std::string quoted(std::string_view bytes, bool unicode = false);

}  // namespace ringhold::client
