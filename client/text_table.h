// Columns of text, aligned; cells may hold UTF-8 and colours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringhold::client {

enum class Colour : std::uint8_t { kNone, kGreen, kYellow, kRed, kCyan, kDim, kBold };

// `text` wrapped in the terminal's codes for `colour`.
std::string coloured(std::string_view text, Colour colour);

// As much of a line as fits, where the codes of colours take no room.
std::string cut_coloured(std::string_view line, int columns);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

struct Column {
  std::string title;
  bool right = false;  // aligned to the right, as numbers are
};

class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells at the end are empty. Precondition: not more cells than columns.
  void add(std::vector<Cell> row);
  int columns() const;  // of the terminal, that its lines take
  // All lines, each with a newline and without blanks at its end.
  std::string render(bool colours) const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace ringhold::client
