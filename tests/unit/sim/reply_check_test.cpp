#include "tests/sim/load/reply_check.h"

#include <doctest/doctest.h>

#include <string>

namespace ringhold::sim {
namespace {

SimCommand command(ReplyShape shape, OpKind kind, std::size_t keys = 1) {
  SimCommand c{{"COMMAND"}, shape, "echo", {}};
  for (std::size_t i = 0; i < keys; ++i) c.operations.push_back(Operation{.kind = kind});
  return c;
}

Judgement judge(SimCommand& c, const std::string& bytes) {
  return judge_reply(c, *decode_reply(bytes));
}

TEST_CASE("replies that fit become observations") {
  SimCommand get = command(ReplyShape::kTextOrNil, OpKind::kGet);
  CHECK(judge(get, "$1\r\na\r\n").kind == Judgement::Kind::kFits);
  CHECK(get.operations[0].outcome == Outcome::kDone);
  CHECK(get.operations[0].seen == Observation{Observation::Kind::kText, "a", 0});
  CHECK(judge(get, "$-1\r\n").kind == Judgement::Kind::kFits);
  CHECK(get.operations[0].seen.kind == Observation::Kind::kNil);
  CHECK(judge(get, "_\r\n").kind == Judgement::Kind::kFits);

  SimCommand incr = command(ReplyShape::kIncr, OpKind::kIncr);
  CHECK(judge(incr, "-ERR value is not an integer or out of range\r\n").kind == Judgement::Kind::kFits);
  CHECK(incr.operations[0].outcome == Outcome::kDone);
  CHECK(incr.operations[0].seen.kind == Observation::Kind::kNotANumber);

  SimCommand mget = command(ReplyShape::kTextsOrNils, OpKind::kGet, 2);
  CHECK(judge(mget, "*2\r\n$1\r\na\r\n$-1\r\n").kind == Judgement::Kind::kFits);
  CHECK(mget.operations[0].seen.text == "a");
  CHECK(mget.operations[1].seen.kind == Observation::Kind::kNil);
}

TEST_CASE("DEL of several keys says something about each only if it says all or none") {
  SimCommand del = command(ReplyShape::kInteger, OpKind::kDel, 3);
  CHECK(judge(del, ":2\r\n").kind == Judgement::Kind::kFits);
  CHECK(del.operations[1].seen.kind == Observation::Kind::kNothing);
  CHECK(judge(del, ":3\r\n").kind == Judgement::Kind::kFits);
  CHECK(del.operations[1].seen.number == 1);
  CHECK(judge(del, ":4\r\n").kind == Judgement::Kind::kNonsense);
}

TEST_CASE("replies of another request are nonsense") {
  SimCommand echo = command(ReplyShape::kEcho, OpKind::kGet, 0);
  CHECK(judge(echo, "$4\r\necho\r\n").kind == Judgement::Kind::kFits);
  CHECK(judge(echo, "$5\r\nother\r\n").kind == Judgement::Kind::kNonsense);
  CHECK(judge(echo, ":1\r\n").kind == Judgement::Kind::kNonsense);
  CHECK(judge(echo, "-ERR x\r\n").kind == Judgement::Kind::kNonsense);
  SimCommand set = command(ReplyShape::kOk, OpKind::kSet);
  CHECK(judge(set, ":1\r\n").kind == Judgement::Kind::kNonsense);
  SimCommand mget = command(ReplyShape::kTextsOrNils, OpKind::kGet, 2);
  CHECK(judge(mget, "*1\r\n$1\r\na\r\n").kind == Judgement::Kind::kNonsense);
  SimCommand scan = command(ReplyShape::kScan, OpKind::kGet, 0);
  CHECK(judge(scan, "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n").kind == Judgement::Kind::kFits);
  CHECK(judge(scan, "*2\r\n$1\r\nx\r\n*0\r\n").kind == Judgement::Kind::kNonsense);
}

TEST_CASE("errors: most say that nothing was done, UNCERTAIN and errors about several keys leave it open") {
  SimCommand set = command(ReplyShape::kOk, OpKind::kSet);
  CHECK(judge(set, "-CLUSTERDOWN shard 'a' is unreachable\r\n").kind == Judgement::Kind::kError);
  CHECK(set.operations[0].outcome == Outcome::kNot);
  CHECK(judge(set, "-UNCERTAIN the connection was lost\r\n").kind == Judgement::Kind::kError);
  CHECK(set.operations[0].outcome == Outcome::kUnknown);
  SimCommand mset = command(ReplyShape::kOk, OpKind::kSet, 2);
  CHECK(judge(mset, "-CLUSTERDOWN shard 'a' is unreachable\r\n").kind == Judgement::Kind::kError);
  CHECK(mset.operations[0].outcome == Outcome::kUnknown);
}

}  // namespace
}  // namespace ringhold::sim
