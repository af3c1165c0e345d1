// Every answer of every scripted patient: what they say must raise what the scenario expects, and nothing else, and
// give the facts that the scenario stores.
#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <set>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

struct Heard {
    std::set<std::string> alerts;
    Facts facts;
};

UtteranceContext context_of(const json::object& scenario) {
    UtteranceContext context;
    context.call_type = *parse_call_type(scenario.at("call_type").as_string());
    context.family = *parse_procedure_family(scenario.at("procedure").at("family").as_string());
    context.post_operative_day = scenario.at("procedure").at("post_op_day").to_number<int>();
    for (const json::value& name : scenario.at("medications").as_array())
        context.medications.emplace_back(name.as_string());
    if (const auto* scores = scenario.at("prior").as_object().if_contains("pain_scores")) {
        for (const json::value& score : scores->as_array()) context.prior_pain_scores.push_back(score.to_number<int>());
    }
    return context;
}

/// Plays the first, or the second, reply to each topic.
Heard play(const json::object& scenario, std::size_t which) {
    Heard heard;
    UtteranceContext context = context_of(scenario);
    for (const auto& [topic, replies] : scenario.at("answers").as_object()) {
        const json::array& choices = replies.as_array();
        context.question = topic;
        const std::string reply(choices.at(std::min(which, choices.size() - 1)).as_string());
        const Understanding understood = shipped_reader().read(reply, context);
        for (const RaisedAlert& alert : understood.alerts) heard.alerts.emplace(to_string(alert.type));
        merge(heard.facts, understood.facts);
    }
    return heard;
}

std::string as_json(const FactValue& value) {
    if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    if (const double* number = std::get_if<double>(&value)) return std::to_string(*number);
    if (const std::string* text = std::get_if<std::string>(&value)) return *text;
    std::string list;
    for (const std::string& word : std::get<std::vector<std::string>>(value)) list += word + ",";
    return list;
}

bool same(const json::value& wanted, const FactValue& got) {
    if (wanted.is_bool()) return std::holds_alternative<bool>(got) && std::get<bool>(got) == wanted.as_bool();
    if (wanted.is_number()) {
        return std::holds_alternative<double>(got) &&
               std::abs(std::get<double>(got) - wanted.to_number<double>()) < 0.01;
    }
    if (wanted.is_string())
        return std::holds_alternative<std::string>(got) && wanted.as_string() == std::get<std::string>(got);
    if (!wanted.is_array() || !std::holds_alternative<std::vector<std::string>>(got)) return false;
    const auto& words = std::get<std::vector<std::string>>(got);
    return std::all_of(wanted.as_array().begin(), wanted.as_array().end(), [&](const json::value& word) {
        return std::find(words.begin(), words.end(), std::string(word.as_string())) != words.end();
    });
}

const std::set<std::string> facts_of_answers = {
    "pain_score", "pain_change",   "temperature_f", "wound_signs", "falls",    "head_injury", "can_bear_weight",
    "aid",        "meds_adherent", "meds_missed",   "red_flags",   "callback", "consent",     "opt_out"};

class ScenarioAnswers : public testing::TestWithParam<std::size_t> {};

TEST_P(ScenarioAnswers, RaiseWhatIsExpected) {
    const json::value file = json::parse(text_of_file("tests/data/call-scenarios.json"));
    for (const json::value& item : file.at("scenarios").as_array()) {
        const json::object& scenario = item.as_object();
        const Heard heard = play(scenario, GetParam());
        const json::object& expect = scenario.at("expect").as_object();
        std::set<std::string> allowed;
        for (const json::value& type : expect.at("optional_alerts").as_array()) allowed.emplace(type.as_string());
        for (const json::value& alert : expect.at("alerts").as_array()) {
            const std::string type(alert.at("type").as_string());
            allowed.insert(type);
            // Silence and mumbling become a concern only in the dialogue, which counts the unclear topics.
            EXPECT_TRUE(heard.alerts.contains(type)) << scenario.at("id") << " lacks " << type;
        }
        for (const std::string& type : heard.alerts) EXPECT_TRUE(allowed.contains(type)) << scenario.at("id") << type;
        for (const auto& [name, wanted] : expect.at("data").as_object()) {
            if (!facts_of_answers.contains(name) || wanted.is_null()) continue;
            const auto found = heard.facts.find(std::string(name));
            ASSERT_NE(found, heard.facts.end()) << scenario.at("id") << " lacks " << name;
            EXPECT_TRUE(same(wanted, found->second))
                << scenario.at("id") << " " << name << " is " << as_json(found->second);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(EachReply, ScenarioAnswers, testing::Values(0U, 1U));

}  // namespace
}  // namespace carevoice::domain
