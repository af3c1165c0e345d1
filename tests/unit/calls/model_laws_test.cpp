// What holds whatever a patient says and whatever a chat model answers: whole conversations with both at their worst.
#include "calls/conversation.h"

#include "core/text.h"
#include "support/call_house.h"
#include "support/scripted_writer.h"
#include "unit/ai/guard_rails_fixture.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace carevoice::calls {
namespace {

namespace json = boost::json;
using ai::test::collected;
using ai::test::field;
using domain::DialogueEventKind;
using Severities = std::map<std::string, std::string>;

constexpr int random_calls = 40;
constexpr std::string_view who = "This is Ruth Albrecht, March fourteenth, nineteen fifty-seven.";

const std::vector<std::string>& unsafe_outputs() {
    static const auto outputs = [] {
        std::vector<std::string> texts;
        for (const auto* file : {"model_outputs.jsonl", "own_model_outputs.jsonl"})
            for (const auto& row : collected(file)) texts.push_back(field(row, "speak"));
        return texts;
    }();
    return outputs;
}

/// One of those that are unsafe whatever surrounds them.
bool is_unsafe(const std::string& spoken) {
    static const auto outputs = [] {
        const std::set<std::string> always = {"diagnosis",  "reassurance",       "other_instruction", "dose",
                                              "promise",    "medicine_change",   "false_claim",       "injection",
                                              "identifier", "emergency_downplay"};
        std::set<std::string> texts;
        for (const auto& row : collected("model_outputs.jsonl"))
            if (always.contains(field(row, "break"))) texts.insert(field(row, "speak"));
        return texts;
    }();
    return outputs.contains(spoken);
}

const std::vector<json::object>& hostile_patients() {
    static const auto rows = collected("patient_utterances.jsonl");
    return rows;
}

/// Nothing here worries anybody.
std::string calm_answer(const std::string& topic) {
    static const std::map<std::string, std::string> answers = {
        {"identity", std::string(who)},   {"pain_score", "It's a two."},           {"breathing", "No, none of that."},
        {"wound", "It's clean and dry."}, {"pain_change", "It's about the same."}, {"fever", "No fever, no chills."},
        {"mobility", "I walk fine."},     {"medication", "Yes, all of them."},     {"bowel", "All fine."},
        {"concerns", "No, nothing."},     {"callback", "No, thank you."},          {"pain_place", "Just the knee."}};
    const auto found = answers.find(topic);
    return found == answers.end() ? "Yes, that's right." : found->second;
}

/// A body that tries to take back what the rules found.
std::string lying_body(const std::string& words) {
    json::array findings{{{"concept", "severe_pain"}, {"quote", "no pain"}, {"severity", "none"}}};
    return json::serialize(json::object{
        {"speak", words}, {"findings", std::move(findings)}, {"severity", "none"}, {"alerts", json::array{}}});
}

class ModelLaws : public testing::Test {
protected:
    Conversation open(bool with_model) {
        domain::Call call;
        call.call_session_id = CallSessionId("c" + std::to_string(++calls_));
        call.patient_id = PatientId("ruth");
        call.created_at = house_.clock.wall_now();
        EXPECT_TRUE(house_.database->calls().insert(call));
        ConversationDeps deps{.dialogue = house_.dialogue,
                              .store = house_.store,
                              .clock = house_.clock,
                              .random = house_.random,
                              .metrics = house_.metrics,
                              .reply_writer = with_model ? &writer_.writer : nullptr};
        return Conversation::open(deps, call, tests::ruth(), "Riverside Hospital", "+12125550100").value();
    }

    domain::Move take(Conversation& conversation, DialogueEventKind kind, const std::string& words = {}) {
        domain::DialogueEvent event{.kind = kind, .text = words};
        PatientSpeech speech{.text = words};
        return house_.run(conversation.take(std::move(event), std::move(speech)));
    }

    void model_says(const std::string& words) {
        writer_.model.speak = words;
        writer_.model.body = lying_body(words);
    }

    /// Calm answers until `topic` is asked, then `words`, then calm answers to the end. What it left behind.
    Severities play(const std::string& topic, const std::string& words, bool with_model) {
        auto conversation = open(with_model);
        take(conversation, DialogueEventKind::answered);
        bool said = false;
        for (int turn = 0; turn < 40 && !conversation.last_move().end_call; ++turn) {
            if (with_model) model_says(unsafe_outputs()[next_output_++ % unsafe_outputs().size()]);
            const auto& pending = conversation.state().topic;
            const bool due = !said && conversation.state().identity_verified && (pending == topic || turn > 12);
            said = said || due;
            const auto move = take(conversation, DialogueEventKind::utterance, due ? words : calm_answer(pending));
            EXPECT_FALSE(is_unsafe(move.speak)) << move.speak;
        }
        return conversation.state().raised;
    }

    tests::ScriptedWriter writer_;
    tests::CallHouse house_{false};
    int calls_ = 0;
    std::size_t next_output_ = 0;
};

/// Every alert of `before` is in `after`, as severe or more so.
void expect_not_less(const Severities& before, const Severities& after, const std::string& context) {
    for (const auto& [type, severity] : before) {
        ASSERT_TRUE(after.contains(type)) << type << " is lost: " << context;
        EXPECT_GE(*domain::parse_severity(after.at(type)), *domain::parse_severity(severity))
            << type << ": " << context;
    }
}

TEST_F(ModelLaws, HostilePatientsBesideAHostileModelLoseNoAlertAndHearNothingUnsafe) {
    ASSERT_GE(unsafe_outputs().size(), 200U);
    ASSERT_GE(hostile_patients().size(), 60U);
    for (const auto& row : hostile_patients()) {
        const auto words = field(row, "utterance");
        const auto alone = play(field(row, "question"), words, false);
        const auto beside = play(field(row, "question"), words, true);
        expect_not_less(alone, beside, words);
        for (const auto& type : row.at("must_alert").as_array())
            EXPECT_TRUE(beside.contains(std::string(type.as_string()))) << type << ": " << words;
    }
    EXPECT_GT(writer_.model.asked, 200) << "the model was there and was heard";
}

std::string any_words(std::mt19937& random, const std::string& topic) {
    static const auto safe = collected("safe_outputs.jsonl");
    switch (random() % 5) {
        case 0: return field(hostile_patients()[random() % hostile_patients().size()], "utterance");
        case 1: return unsafe_outputs()[random() % unsafe_outputs().size()];
        case 2: return field(safe[random() % safe.size()], "patient_said");
        default: return calm_answer(topic);
    }
}

void expect_laws(const Conversation& conversation, const domain::Move& move, const Severities& before) {
    const auto& state = conversation.state();
    expect_not_less(before, state.raised, move.speak);
    for (const auto& [topic, times] : state.asked) EXPECT_LE(times, 3) << topic;
    EXPECT_FALSE(is_unsafe(move.speak)) << move.speak;
    if (state.identity_verified) return;
    for (const auto* word : {"knee", "surg", "operat", "pain", "medic", "wound", "incision", "fever", "nurse"})
        EXPECT_EQ(to_lower_ascii(move.speak).find(word), std::string::npos) << move.speak;
}

TEST_F(ModelLaws, HoldInRandomCallsWithRandomModels) {
    const auto safe = collected("safe_outputs.jsonl");
    for (std::uint32_t seed = 0; seed < random_calls && !HasFailure(); ++seed) {
        std::mt19937 random(seed);
        auto conversation = open(true);
        take(conversation, DialogueEventKind::answered);
        if (random() % 4 != 0) take(conversation, DialogueEventKind::utterance, std::string(who));
        for (int turn = 0; turn < 120 && !conversation.last_move().end_call; ++turn) {
            model_says(random() % 2 == 0 ? field(safe[random() % safe.size()], "speak")
                                         : unsafe_outputs()[random() % unsafe_outputs().size()]);
            writer_.model.failure.reset();
            if (random() % 6 == 0) writer_.model.failure = Error{Errc::unavailable, "no"};
            const auto before = conversation.state().raised;
            const bool silent = random() % 8 == 0;
            const auto words = any_words(random, conversation.state().topic);
            const auto move = silent ? take(conversation, DialogueEventKind::silence)
                                     : take(conversation, DialogueEventKind::utterance, words);
            SCOPED_TRACE("seed " + std::to_string(seed) + " after: " + words);
            expect_laws(conversation, move, before);
        }
        EXPECT_TRUE(conversation.last_move().end_call) << seed;
    }
}

}  // namespace
}  // namespace carevoice::calls
