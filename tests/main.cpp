// main() of every test program. A skipped test is visible: named with its reason at the end, and exit code 77, which CTest
// shows as "Skipped". Where COTEJO_REQUIRE_DATA is set (continuous integration beside the published files) it is a failure,
// unless the test records the property "may_be_skipped".
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>

namespace {

constexpr int skipped_code = 77;  // SKIP_RETURN_CODE in cmake/CotejoTargets.cmake

bool may_be_skipped(const testing::TestResult& result) {
  for (int i = 0; i < result.test_property_count(); ++i)
    if (std::string(result.GetTestProperty(i).key()) == "may_be_skipped") return true;
  return false;
}

std::string reason_of(const testing::TestResult& result) {
  for (int i = 0; i < result.total_part_count(); ++i)
    if (const auto& part = result.GetTestPartResult(i); part.skipped()) return part.message();
  return "";
}

// Prints the skipped tests; how many there are, and how many of them must not be skipped.
struct Skipped {
  int all = 0;
  int forbidden = 0;
};

Skipped print_skipped(const testing::UnitTest& tests) {
  Skipped found;
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    const auto& suite = *tests.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const auto& test = *suite.GetTestInfo(j);
      if (!test.should_run() || !test.result()->Skipped()) continue;
      ++found.all;
      if (!may_be_skipped(*test.result())) ++found.forbidden;
      std::printf("SKIPPED: %s.%s: %s\n", suite.name(), test.name(), reason_of(*test.result()).c_str());
    }
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const int code = RUN_ALL_TESTS();
  const auto [all, forbidden] = print_skipped(*testing::UnitTest::GetInstance());
  if (forbidden > 0 && std::getenv("COTEJO_REQUIRE_DATA") != nullptr) {
    std::printf("FAILED: COTEJO_REQUIRE_DATA is set, and %d tests were skipped\n", forbidden);
    return 1;
  }
  return code == 0 && all > 0 ? skipped_code : code;
}
