#include "client/text_table.h"

#include <algorithm>

#include "client/characters.h"
#include "common/base/check.h"

namespace ringhold::client {

namespace {

std::string_view colour_code(Colour colour) {
  switch (colour) {
    case Colour::kGreen:
      return "\033[32m";
    case Colour::kYellow:
      return "\033[33m";
    case Colour::kRed:
      return "\033[31m";
    case Colour::kCyan:
      return "\033[36m";
    case Colour::kDim:
      return "\033[90m";
    case Colour::kBold:
      return "\033[1m";
    case Colour::kNone:
      break;
  }
  return "";
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(columns_of(text));
}

}  // namespace

std::string coloured(std::string_view text, Colour colour) {
  if (colour == Colour::kNone) return std::string(text);
  return std::string(colour_code(colour)) + std::string(text) + "\033[0m";
}

void TextTable::add(std::vector<Cell> row) {
  INVARIANT(row.size() <= columns_.size());
  row.resize(columns_.size());
  rows_.push_back(std::move(row));
}

std::string cut_coloured(std::string_view line, int columns) {
  std::string out;
  bool painted = false;
  while (!line.empty()) {
    const std::size_t code = line.starts_with("\033[") ? line.find('m') : std::string_view::npos;
    if (code != std::string_view::npos) {
      out += line.substr(0, code + 1);
      painted = line.substr(0, code + 1) != "\033[0m";
      line.remove_prefix(code + 1);
      continue;
    }
    const Character character = first_character(line);
    columns -= character.columns;
    if (columns < 0) break;
    out += character.shown ? std::string(character.text) : stand_in(character.text);
    line.remove_prefix(character.bytes);
  }
  return painted ? out + "\033[0m" : out;
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = width_of(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row[i].text));
    widths.push_back(width);
  }
  return widths;
}

int TextTable::columns() const {
  std::size_t sum = 0;
  for (const std::size_t width : widths()) sum += width + 2;
  return static_cast<int>(sum) - 2;
}

std::string TextTable::render(bool colours) const {
  const std::vector<std::size_t> widths = this->widths();
  std::string out;
  const auto append_line = [&](const std::vector<Cell>& row) {
    std::size_t owed = 0;  // blanks that only count if something follows
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t padding = widths[i] - width_of(row[i].text);
      if (columns_[i].right) owed += padding;
      if (!row[i].text.empty()) {
        out.append(owed, ' ');
        owed = 0;
        out += colours ? coloured(row[i].text, row[i].colour) : row[i].text;
      }
      owed += (columns_[i].right ? 0 : padding) + 2;
    }
    out += '\n';
  };
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Colour::kBold});
  append_line(titles);
  for (const auto& row : rows_) append_line(row);
  return out;
}

}  // namespace ringhold::client
