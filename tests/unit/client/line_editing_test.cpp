// The parts of the line editor that need no terminal: keys, the line, its picture, the history.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "client/edit_buffer.h"
#include "client/history.h"
#include "client/key_reader.h"
#include "client/line_view.h"
#include "client/style.h"
#include "common/base/limits.h"

namespace ringhold::client {
namespace {

// "text:a enter ctrl:C ..."
std::string keys_of(KeyReader& reader, bool no_more) {
  std::string out;
  while (const auto key = reader.next(no_more)) {
    if (!out.empty()) out += ' ';
    if (key->pasted) out += "pasted ";
    switch (key->kind) {
      case KeyKind::kText:
        out += "text:" + key->text;
        break;
      case KeyKind::kControl:
        out += "ctrl:" + key->text;
        break;
      case KeyKind::kAlt:
        out += "alt:" + key->text;
        break;
      case KeyKind::kEnter:
        out += "enter";
        break;
      case KeyKind::kTab:
        out += "tab";
        break;
      case KeyKind::kUp:
        out += "up";
        break;
      case KeyKind::kEscape:
        out += "escape";
        break;
      case KeyKind::kBackspace:
        out += "backspace";
        break;
      case KeyKind::kWordLeft:
        out += "word-left";
        break;
      case KeyKind::kUnknown:
        out += "unknown";
        break;
      default:
        out += "other";
    }
  }
  return out;
}
std::string keys_of(std::string_view bytes, bool no_more = true) {
  KeyReader reader;
  reader.feed(bytes);
  return keys_of(reader, no_more);
}

TEST_CASE("KeyReader: characters, controls and sequences") {
  CHECK(keys_of("a\u4e16\x03\t\x7f") == "text:a text:\u4e16 ctrl:C tab backspace");
  CHECK(keys_of("\x1b[A\x1bOA\x1b[1;5D\x1b"
                "b") == "up up word-left alt:b");
  CHECK(keys_of("\x1b[99~x") == "unknown text:x");
  CHECK(keys_of("\x1b") == "escape");
  CHECK(keys_of("\x1b", false).empty());
  CHECK(keys_of("a\r\nb\nc\r") == "text:a enter text:b enter text:c enter");
  CHECK(keys_of("\xff\xe4x") == "text:\xff text:\xe4 text:x");
}

TEST_CASE("KeyReader: within a paste everything but a newline is text") {
  CHECK(keys_of("\x1b[200~a\tb\x03\n\x1b[A\x1b[201~\t") ==
        "pasted text:a\tb\x03 pasted enter pasted text:\x1b pasted text:[A tab");
}

TEST_CASE("KeyReader: however the bytes are split") {
  const std::string bytes = "a\u4e16\x1b[A\x1b[200~x\ty\r\nz\x1b[201~\x1b[1;5D\t";
  const std::string whole = "text:a text:\u4e16 up pasted text:x\ty pasted enter pasted text:z word-left tab";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    KeyReader reader;
    reader.feed(std::string_view(bytes).substr(0, cut));
    std::string keys = keys_of(reader, false);
    reader.feed(std::string_view(bytes).substr(cut));
    const std::string rest = keys_of(reader, false);
    if (!keys.empty() && !rest.empty()) keys += ' ';
    keys += rest;
    // Text of a paste may come in two parts.
    for (const char* joint : {"x pasted text:\t", "\t pasted text:y"}) {
      const std::size_t at = keys.find(joint);
      if (at != std::string::npos) keys.erase(at + 1, std::string_view(" pasted text:").size());
    }
    CHECK(keys == whole);
  }
}

TEST_CASE("KeyReader: an early Ctrl-C is found, but not within a paste") {
  KeyReader reader;
  reader.feed("GET x\r\x03rest");
  CHECK(reader.take_interrupt());
  CHECK(keys_of(reader, true) == "text:r text:e text:s text:t");
  reader.feed("\x1b[200~\x03");
  CHECK_FALSE(reader.take_interrupt());
}

TEST_CASE("EditBuffer: moves and erases whole characters") {
  set_up_characters();
  EditBuffer line;
  line.insert("ae\u0301\u4e16");
  line.left();
  CHECK(line.before_cursor() == "ae\u0301");
  CHECK(line.erase_before());
  CHECK(line.text() == "a\u4e16");
  CHECK(line.erase_at());
  CHECK(line.text() == "a");
  CHECK_FALSE(line.erase_at());
  line.home();
  CHECK_FALSE(line.erase_before());
  line.left();
  CHECK(line.cursor() == 0);
}

TEST_CASE("EditBuffer: words, cutting and pasting") {
  EditBuffer line;
  line.insert("set my-key value");
  line.cut_word_before();
  CHECK(line.text() == "set my-key ");
  line.word_left();
  CHECK(line.before_cursor() == "set my-");
  line.cut_to_begin();
  CHECK(line.text() == "key ");
  line.end();
  line.paste_cut();
  CHECK(line.text() == "key set my-");
  line.transpose();
  CHECK(line.text() == "key set m-y");
  line.replace_before(3, "X");
  CHECK(line.text() == "key set X");
}

TEST_CASE("LineView: a short line, its hint and its cursor") {
  set_up_characters();
  LineView view;
  CHECK(view.draw({.prompt = "> ", .text = "get", .cursor = 3, .hint = " key"}, {20, 5}) ==
        "\r> get\x1b[2m key\x1b[0m\x1b[J\r\x1b[5C");
  // Behind the cursor there is text: no hint. Nothing of it may run over the edge, either.
  CHECK(view.draw({.prompt = "> ", .text = "get", .cursor = 1, .hint = " key"}, {20, 5}) ==
        "\r> get\x1b[J\r\x1b[3C");
  CHECK(view.draw({.prompt = "> ", .text = "get", .cursor = 3, .hint = " key"}, {8, 5}) ==
        "\r> get\x1b[2m k\x1b[0m\x1b[J\r\x1b[5C");
}

TEST_CASE("LineView: long lines wrap, and the next picture begins at their first row") {
  set_up_characters();
  LineView view;
  CHECK(view.draw({.prompt = "> ", .text = "abcdefgh", .cursor = 8}, {5, 5}) == "\r> abcdefgh\r\n\x1b[J\r");
  CHECK(view.draw({.prompt = "> ", .text = "abcd", .cursor = 0}, {5, 5}) ==
        "\r\x1b[2A> abcd\x1b[J\x1b[1A\r\x1b[2C");
  // A wide character is not cut by the edge.
  CHECK(view.draw({.prompt = "> ", .text = "ab\u4e16", .cursor = 5}, {5, 5}) ==
        "\r> ab \u4e16\x1b[J\r\x1b[2C");
}

TEST_CASE("LineView: after a change of the width, the picture begins where the terminal has moved it") {
  LineView view;
  (void)view.draw({.prompt = "> ", .text = "abcdefgh", .cursor = 8}, {20, 5});
  CHECK(view.draw({.prompt = "> ", .text = "abcdefgh", .cursor = 8}, {4, 5}) ==
        "\r\x1b[2A> abcdefgh\x1b[J\r\x1b[2C");
  CHECK(view.draw({.prompt = "> ", .text = "abcdefgh", .cursor = 8}, {20, 5}) ==
        "\r> abcdefgh\x1b[J\r\x1b[10C");
}

TEST_CASE("LineView: of a line that is higher than the screen, the rows up to the cursor") {
  LineView view;
  const std::string text = "aaaabbbbccccdddd";
  CHECK(view.draw({.prompt = "", .text = text, .cursor = 16}, {4, 2}) == "\rdddd\r\n\x1b[J\r");
  CHECK(view.draw({.prompt = "", .text = text, .cursor = 5}, {4, 2}) == "\r\x1b[1Aaaaabbbb\x1b[J\r\x1b[1C");
}

TEST_CASE("LineView: controls are shown, not sent") {
  LineView view;
  const std::string drawn = view.draw({.prompt = "", .text = "a\x1b[31m", .cursor = 1}, {40, 2});
  CHECK(drawn.find("\x1b[31m") == std::string::npos);
  CHECK(drawn.find("\x1b[7m^\x1b[27m\x1b[7m[\x1b[27m") != std::string::npos);
}

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/ringhold-unit-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file() const { return path_ + "/history"; }

 private:
  std::string path_;
};

std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

TEST_CASE("History: outlives the program, in a file of one's own") {
  const Folder folder;
  {
    History history(folder.file());
    for (const char* line : {"one", "two", "two", "", "three"}) history.add(line);
  }
  CHECK(content_of(folder.file()) == "one\ntwo\nthree\n");
  struct stat status {};
  REQUIRE(stat(folder.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  const History again(folder.file());
  CHECK(again.size() == 3);
  CHECK(again.at(0) == "one");
}

TEST_CASE("History: two programs at once lose nothing of each other") {
  const Folder folder;
  History first(folder.file());
  History second(folder.file());
  first.add("of the first");
  second.add("of the second");
  CHECK(content_of(folder.file()) == "of the first\nof the second\n");
}

TEST_CASE("History: bounded in memory and on disk") {
  const Folder folder;
  History history(folder.file());
  for (std::size_t i = 0; i < 3 * limits::kHistoryLinesMax; ++i) history.add("line " + std::to_string(i));
  history.add(std::string(limits::kHistoryLineBytesMax + 1, 'x'));
  CHECK(history.size() == limits::kHistoryLinesMax);
  const std::string content = content_of(folder.file());
  CHECK(std::count(content.begin(), content.end(), '\n') <= static_cast<long>(2 * limits::kHistoryLinesMax));
  CHECK(content.ends_with("line 2999\n"));
}

TEST_CASE("History: searched both ways, in capitals or not") {
  History history("");
  for (const char* line : {"SET a 1", "GET a", "set b 2"}) history.add(line);
  CHECK(history.search_back("set", history.size()) == 2);
  CHECK(history.search_back("set", 2) == 0);
  CHECK_FALSE(history.search_back("set", 0).has_value());
  CHECK(history.search_forward("SET", 1) == 2);
  CHECK_FALSE(history.search_back("nosuch", history.size()).has_value());
}

}  // namespace
}  // namespace ringhold::client
