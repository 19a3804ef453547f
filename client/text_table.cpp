#include "client/text_table.h"

#include <algorithm>

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
    case Colour::kDim:
      return "\033[2m";
    case Colour::kBold:
      return "\033[1m";
    case Colour::kNone:
      break;
  }
  return "";
}

// Characters, which is what takes up room, as far as no wide ones occur.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
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

std::string TextTable::render(bool colours) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = width_of(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row[i].text));
    widths.push_back(width);
  }
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
