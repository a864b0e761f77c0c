#include "cotejo/engine/table_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace cotejo {
namespace {

Table sample() {
  return {.id = "t",
          .title = "A table",
          .columns = {{"place"}, {"votes"}, {"share"}, {"met"}},
          .rows = {{std::string("La Paz, zona 1"), std::int64_t{12345}, 0.1, true},
                   {std::string("=1+1 | *x*"), {}, std::nan(""), false}}};
}

TEST(TableText, CsvHasEveryDigitAndNoFormulas) {
  EXPECT_EQ(csv_of(sample()),
            "place,votes,share,met\r\n\"La Paz, zona 1\",12345,0.1,true\r\n\"'=1+1 | *x*\",,,false\r\n");
}

TEST(TableText, CsvOfAKeptTableIsTheSame) {
  EXPECT_EQ(csv_of(to_json(sample())), csv_of(sample()));
}

TEST(TableText, MarkdownEscapesWhatWouldBeMarkupAndFlushesNumbersRight) {
  EXPECT_EQ(markdown_of(sample()),
            "| place | votes | share | met |\n| --- | ---: | ---: | --- |\n"
            "| La Paz, zona 1 | 12345 | 0.1 | true |\n| =1+1 \\| \\*x\\* |  |  | false |\n");
  EXPECT_EQ(markdown_text("a\nb<script>"), "a b\\<script\\>");
}

TEST(TableText, RowsAreObjectsByColumn) {
  const auto rows = rows_of(sample());
  EXPECT_EQ(rows.at(0).dump(), R"({"place":"La Paz, zona 1","votes":12345,"share":0.1,"met":true})");
  EXPECT_TRUE(rows.at(1).at("votes").is_null());
}

}  // namespace
}  // namespace cotejo
