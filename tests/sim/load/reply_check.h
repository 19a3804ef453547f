// Does a reply fit its request? The first checker: what it accepts goes into the histories of the others.
#pragma once

#include <string>

#include "common/resp/reply_parser.h"
#include "tests/sim/load/command_mix.h"

namespace ringhold::sim {

struct Judgement {
  enum class Kind {
    kFits,
    kError,     // an error reply; whether it is excused is for the checker of availability to say
    kNonsense,  // no server may answer this request like this
  };
  Kind kind = Kind::kFits;
  std::string text;  // of the error, or why it is nonsense
};

// Fills in outcome and observation of command.operations (not their times).
Judgement judge_reply(SimCommand& command, const ReplyValue& reply);

// "UNCERTAIN ..." leaves open whether a write was done; every other error says that it was not.
bool leaves_outcome_open(const std::string& error);

// For messages: "*2 [$3 'abc', :1]".
std::string describe(const ReplyValue& reply);
std::string describe(const SimCommand& command);

}  // namespace ringhold::sim
