// What patients may say to mislead the reader, to test it, or at great length: no alert is lost.
#include "domain/understanding.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

TEST(AdversarialPatients, LoseNoAlert) {
    const std::set<std::string> nothing_meant = {"pat-036", "pat-039", "pat-041", "pat-052",
                                                 "pat-060", "pat-061", "pat-062", "pat-063"};
    std::istringstream lines(text_of_file("tests/data/guard_rails/patient_utterances.jsonl"));
    std::string line;
    while (std::getline(lines, line)) {
        const json::object said = json::parse(line).as_object();
        const std::string id(said.at("id").as_string());
        const Understanding heard =
            read(std::string(said.at("question").as_string()), std::string(said.at("utterance").as_string()));
        for (const json::value& type : said.at("must_alert").as_array()) {
            EXPECT_TRUE(std::ranges::any_of(
                heard.alerts, [&](const auto& alert) { return to_string(alert.type) == type.as_string(); }))
                << id << " lacks " << type;
        }
        if (nothing_meant.contains(id)) EXPECT_TRUE(heard.alerts.empty()) << id << " raised something";
    }
}

TEST(AdversarialPatients, MayTalkForAnHourBeforeTheyComeToIt) {
    std::string talk;
    while (talk.size() < 60'000) talk += "and then the tomatoes came in so nicely, my neighbor said, ";
    const Understanding heard = read("open", talk + "oh and I can't breathe.");
    ASSERT_FALSE(heard.alerts.empty());
    EXPECT_EQ(heard.alerts.back().type, AlertType::emergency);
}

}  // namespace
}  // namespace carevoice::domain
