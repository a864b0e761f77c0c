#include "cotejo/vote/arrival.hpp"

#include <gtest/gtest.h>

namespace cotejo {
namespace {

TEST(SecondsOf, CountsFrom1970) {
  EXPECT_EQ(seconds_of("1970-01-01T00:00:01"), 1);
  EXPECT_EQ(seconds_of("2019-10-20T19:40:57"), 1571600457);
  EXPECT_EQ(seconds_of("2019-10-20T19:40:57Z"), 1571600457);
}

TEST(SecondsOf, RefusesWhatIsNoInstant) {
  for (const char* text : {"", "2019-10-20", "2019-13-20T19:40:57", "2019-02-29T00:00:00", "2019-10-20T24:00:00",
                           "2019-10-20 19:40:57", "2019-10-20T19:4a:57"})
    EXPECT_FALSE(seconds_of(text)) << text;
}

TEST(DescribeArrival, IsTheWayBack) {
  for (const char* text : {"1969-12-31T23:59:59", "2019-10-20T19:40:57", "2020-02-29T00:00:00"})
    EXPECT_EQ(describe_arrival(ArrivalKind::time, *seconds_of(text)), text);
  EXPECT_EQ(describe_arrival(ArrivalKind::percentile, 83.85), "83.85");
}

TEST(ArrivalHash, DoesNotDependOnTheOrderOfRowsAndDoesOnEveryValue) {
  Arrival a;
  a.id = ArrivalId{"x/a"};
  Arrival b = a;
  for (const auto* key : {"1", "2"}) a.unit_keys.push_back(key);
  for (const auto* key : {"2", "1"}) b.unit_keys.push_back(key);
  a.from = a.to = {10, 20};
  b.from = b.to = {20, 10};
  EXPECT_EQ(a.content_hash(), b.content_hash());
  b.to[1] = 11;
  EXPECT_NE(a.content_hash(), b.content_hash());
}

}  // namespace
}  // namespace cotejo
