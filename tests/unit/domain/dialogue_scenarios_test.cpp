// Every scripted patient of the scenario file, played in text through the dialogue and the real clinical reader.
#include "domain/dialogue.h"

#include "core/text.h"
#include "core/time.h"
#include "unit/domain/dialogue_fixture.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace carevoice::domain::test {
namespace {

namespace json = boost::json;

const json::object& scenario_file() {
    static const auto value = [] {
        std::ifstream file(std::string(CAREVOICE_SOURCE_DIR) + "/tests/data/call-scenarios.json");
        std::stringstream text;
        text << file.rdbuf();
        return json::parse(text.str());
    }();
    return value.as_object();
}

std::string text_of(const json::value& value) {
    return std::string(value.as_string());
}

Patient patient_of(const json::object& scenario) {
    auto patient = ruth();
    const auto& persona = scenario.at("persona").as_object();
    const auto& procedure = scenario.at("procedure").as_object();
    patient.first_name = text_of(persona.at("first_name"));
    patient.last_name = text_of(persona.at("last_name"));
    patient.date_of_birth = *parse_date(text_of(persona.at("dob")));
    patient.lives_alone = text_of(persona.at("lives")) == "alone";
    patient.procedure = text_of(procedure.at("name"));
    patient.procedure_family = *parse_procedure_family(text_of(procedure.at("family")));
    patient.medications.clear();
    for (const auto& name : scenario.at("medications").as_array()) patient.medications.push_back(text_of(name));
    return patient;
}

/// The patient's side: picks the n-th answer of the topic that was asked, or the default.
class ScriptedPatient {
public:
    ScriptedPatient(const json::object& scenario, std::size_t variant) : scenario_(scenario), variant_(variant) {}

    [[nodiscard]] bool is_silent_on(const std::string& topic) const {
        for (const auto& silent : scenario_.at("behaviour").at("silent_on").as_array())
            if (text_of(silent) == topic) return true;
        return false;
    }
    [[nodiscard]] std::string answer(const std::string& topic) const {
        const auto* answers = scenario_.at("answers").as_object().if_contains(topic);
        const auto& list = answers != nullptr ? answers->as_array() : scenario_.at("default").as_array();
        return text_of(list[variant_ % list.size()]);
    }
    [[nodiscard]] std::string hangs_up_after() const {
        const auto& topic = scenario_.at("behaviour").at("hangs_up_after");
        return topic.is_string() ? text_of(topic) : std::string();
    }

private:
    const json::object& scenario_;
    std::size_t variant_;
};

void play(PlayedCall& call, const json::object& scenario, std::size_t variant, std::set<std::string>& asked,
          std::ostream& log) {
    const ScriptedPatient patient(scenario, variant);
    std::string answered_last;
    if (text_of(scenario.at("behaviour").at("answered_by")) == "machine") {
        call.start();
        asked.insert("greeting");
        call.say(patient.answer("greeting"));
        call.take(DialogueEventKind::machine, "beep");
        log << call.said;
        return;
    }
    const auto* move = &call.start();
    for (int turn = 0; turn < 60 && !move->end_call; ++turn) {
        log << "  voice[" << move->topic << "]: " << move->speak << "\n";
        if (!answered_last.empty() && answered_last == patient.hangs_up_after()) break;
        const auto topic = move->topic;
        asked.insert(topic);
        if (patient.is_silent_on(topic)) {
            log << "  (silence)\n";
            move = &call.take(DialogueEventKind::silence);
        } else {
            log << "  patient: " << patient.answer(topic) << "\n";
            move = &call.say(patient.answer(topic));
        }
        answered_last = topic;
    }
    log << "  voice[end]: " << move->speak << "\n";
    call.take(DialogueEventKind::hung_up);
}

bool says(const std::string& said, const json::value& piece) {
    return to_lower_ascii(said).find(to_lower_ascii(text_of(piece))) != std::string::npos;
}

void expect_words(const PlayedCall& call, const json::object& expect) {
    for (const auto& piece : expect.at("must_say").as_array()) {
        bool found = false;
        if (piece.is_string()) found = says(call.said, piece);
        if (piece.is_array())
            for (const auto& choice : piece.as_array()) found = found || says(call.said, choice);
        EXPECT_TRUE(found) << "must say " << json::serialize(piece);
    }
    for (const auto& piece : expect.at("must_not_say").as_array())
        EXPECT_FALSE(says(call.said, piece)) << "must not say " << json::serialize(piece);
    for (const auto& piece : expect.at("must_not_say_before_identity").as_array())
        EXPECT_FALSE(says(call.said_before_identity, piece)) << "too early: " << json::serialize(piece);
}

void expect_alerts(const PlayedCall& call, const json::object& expect) {
    std::map<AlertType, Severity> highest;
    for (const auto& alert : call.alerts) {
        auto [place, fresh] = highest.emplace(alert.type, alert.severity);
        if (!fresh) place->second = std::max(place->second, alert.severity);
    }
    std::set<AlertType> allowed;
    for (const auto& type : expect.at("optional_alerts").as_array()) allowed.insert(*parse_alert_type(text_of(type)));
    for (const auto& wanted : expect.at("alerts").as_array()) {
        const auto type = *parse_alert_type(text_of(wanted.at("type")));
        allowed.insert(type);
        ASSERT_TRUE(highest.contains(type)) << "missing " << text_of(wanted.at("type"));
        bool accepted = false;
        for (const auto& severity : wanted.at("accept").as_array())
            accepted = accepted || highest[type] == *parse_severity(text_of(severity));
        EXPECT_TRUE(accepted) << text_of(wanted.at("type")) << " has " << to_string(highest[type]);
    }
    for (const auto& [type, severity] : highest)
        EXPECT_TRUE(allowed.contains(type)) << "false alarm " << to_string(type) << " " << to_string(severity);
}

void expect_value(const Facts& facts, const std::string& name, const json::value& wanted) {
    const auto found = facts.find(name);
    if (wanted.is_null()) {
        EXPECT_EQ(found, facts.end()) << name << " should be unknown";
        return;
    }
    ASSERT_NE(found, facts.end()) << name << " is missing";
    if (wanted.is_bool()) EXPECT_EQ(std::get<bool>(found->second), wanted.as_bool()) << name;
    if (wanted.is_number()) EXPECT_NEAR(std::get<double>(found->second), wanted.to_number<double>(), 0.05) << name;
    if (wanted.is_string()) EXPECT_EQ(std::get<std::string>(found->second), text_of(wanted)) << name;
    if (wanted.is_array()) {
        const auto& list = std::get<std::vector<std::string>>(found->second);
        if (wanted.as_array().empty()) EXPECT_TRUE(list.empty()) << name << " should be empty";
        for (const auto& element : wanted.as_array())
            EXPECT_NE(std::ranges::find(list, text_of(element)), list.end()) << name << " lacks " << text_of(element);
    }
}

void expect_facts(const PlayedCall& call, const json::object& data) {
    for (const auto& [name, wanted] : data) {
        const std::string key(name);
        if (!wanted.is_object()) {
            expect_value(call.state.facts, key, wanted);
            continue;
        }
        for (const auto& [part, value] : wanted.as_object())
            expect_value(call.state.facts, key + "_" + std::string(part), value);
    }
}

class Scenario : public testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(Scenario, ComesOutAsTheNurseExpects) {
    const auto& scenario =
        scenario_file().at("scenarios").as_array()[static_cast<std::size_t>(std::get<0>(GetParam()))].as_object();
    const auto& expect = scenario.at("expect").as_object();
    std::vector<int> prior;
    if (const auto* scores = scenario.at("prior").as_object().if_contains("pain_scores"))
        for (const auto& score : scores->as_array()) prior.push_back(score.to_number<int>());
    const auto day = scenario.at("procedure").at("post_op_day").to_number<int>();
    const auto variant = static_cast<std::size_t>(std::get<1>(GetParam()));
    PlayedCall call(patient_of(scenario), *parse_call_type(text_of(scenario.at("call_type"))),
                    static_cast<std::uint32_t>(variant * 77 + 5), prior, day);
    std::set<std::string> asked;
    std::ostringstream log;
    play(call, scenario, variant, asked, log);

    SCOPED_TRACE(text_of(scenario.at("id")) + "\n" + log.str());
    EXPECT_EQ(to_string(call.state.outcome), text_of(expect.at("outcome")));
    EXPECT_EQ(call.state.identity_verified, expect.at("identity_verified").as_bool());
    expect_words(call, expect);
    expect_alerts(call, expect);
    expect_facts(call, expect.at("data").as_object());
    for (const auto& topic : expect.at("must_ask").as_array())
        EXPECT_TRUE(asked.contains(text_of(topic))) << "must ask " << text_of(topic);
    if (const auto* trend = expect.if_contains("trend")) expect_value(call.state.facts, "trend", *trend);
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, testing::Combine(testing::Range(0, 12), testing::Range(0, 2)));

}  // namespace
}  // namespace carevoice::domain::test
