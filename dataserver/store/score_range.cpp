#include "dataserver/store/score_range.h"

namespace ringhold {

bool NameBound::admits_from(std::string_view other) const {
  switch (kind) {
    case Kind::kLowest:
      return true;
    case Kind::kHighest:
      return false;
    case Kind::kIncluded:
      return other >= name;
    case Kind::kExcluded:
      break;
  }
  return other > name;
}

bool NameBound::admits_to(std::string_view other) const {
  switch (kind) {
    case Kind::kLowest:
      return false;
    case Kind::kHighest:
      return true;
    case Kind::kIncluded:
      return other <= name;
    case Kind::kExcluded:
      break;
  }
  return other < name;
}

ScoreCut NameBound::begin_at(double score) const {
  switch (kind) {
    case Kind::kLowest:
      return {score, ScoreCut::Side::kBeforeScore, {}};
    case Kind::kHighest:
      return {score, ScoreCut::Side::kAfterScore, {}};
    case Kind::kIncluded:
      return {score, ScoreCut::Side::kBeforeName, name};
    case Kind::kExcluded:
      break;
  }
  return {score, ScoreCut::Side::kAfterName, name};
}

ScoreCut NameBound::end_at(double score) const {
  switch (kind) {
    case Kind::kLowest:
      return {score, ScoreCut::Side::kBeforeScore, {}};
    case Kind::kHighest:
      return {score, ScoreCut::Side::kAfterScore, {}};
    case Kind::kIncluded:
      return {score, ScoreCut::Side::kAfterName, name};
    case Kind::kExcluded:
      break;
  }
  return {score, ScoreCut::Side::kBeforeName, name};
}

bool NameRange::is_empty() const {
  using Kind = NameBound::Kind;
  if (min.kind == Kind::kHighest || max.kind == Kind::kLowest) return true;
  if (min.kind == Kind::kLowest || max.kind == Kind::kHighest) return false;
  if (min.name != max.name) return min.name > max.name;
  return min.kind == Kind::kExcluded || max.kind == Kind::kExcluded;
}

}  // namespace ringhold
