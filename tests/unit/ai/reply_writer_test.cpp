#include "ai/reply_writer.h"

#include "core/resources.h"
#include "domain/dialogue/heard.h"
#include "support/counting_metrics.h"
#include "support/scripted_model.h"
#include "unit/ai/guard_rails_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>

namespace carevoice::ai {
namespace {

using namespace std::chrono_literals;
using domain::Fallback;
using domain::WordingSource;
using tests::ScriptedModel;

class ReplyWriterTest : public testing::Test {
protected:
    static TurnBrief brief() {
        TurnBrief turn;
        turn.patient_said = "About a four, and my chest feels like an elephant sits on it.";
        turn.topic_answered = "pain_score";
        turn.next_topic = "wound";
        turn.own_wording = "Thank you. A four. How does the incision look?";
        turn.identity_verified = true;
        turn.procedure_family = domain::ProcedureFamily::joint;
        turn.post_operative_day = 5;
        return turn;
    }
    template <class T>
    T run(async::Task<T> work) {
        auto result = boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
        context_.restart();
        context_.run();
        return result.get();
    }
    WrittenReply write(TurnBrief turn = brief(), milliseconds span = 10s) {
        return run(writer_.write(std::move(turn), Deadline::in(span)));
    }

    boost::asio::io_context context_;
    domain::ConceptBook concepts_ =
        domain::ConceptBook::load(find_embedded_resource("protocols/concepts.json").value_or("")).value();
    PromptWriter prompts_{concepts_,
                          Scrubber::load(find_embedded_resource("protocols/lexicon.json").value_or("")).value()};
    tests::CountingMetrics metrics_;
    ScriptedModel model_;
    ReplyWriter writer_{model_, test::shipped_rails(), prompts_, concepts_, metrics_};
};

TEST_F(ReplyWriterTest, SpeaksTheModelsWordsWhenTheyAreSafe) {
    const auto reply = write();
    EXPECT_EQ(reply.wording.source, WordingSource::model);
    EXPECT_TRUE(reply.asked);
    EXPECT_EQ(reply.speak, model_.speak);
    EXPECT_FALSE(reply.wording.fallback);
    EXPECT_TRUE(metrics_.empty());
}

TEST_F(ReplyWriterTest, SpeaksOurWordsWhenTheModelsAreNot) {
    model_.speak = "That is perfectly normal. How does your incision look?";
    const auto reply = write();
    EXPECT_EQ(reply.wording.source, WordingSource::ours);
    EXPECT_EQ(reply.speak, brief().own_wording);
    EXPECT_EQ(reply.wording.fallback, Fallback::guard_rails);
    EXPECT_EQ(reply.wording.breach, "reassurance");
    EXPECT_EQ(metrics_.value("carevoice_guard_rail_blocks_total{breach=reassurance}"), 1);
    EXPECT_NE(reply.rest, nullptr) << "its findings still count";
}

TEST_F(ReplyWriterTest, SpeaksOurWordsWhenTheModelFails) {
    for (const auto code : {Errc::timed_out, Errc::unavailable, Errc::rejected, Errc::corrupt, Errc::internal}) {
        model_.failure = Error{code, "no"};
        const auto reply = write();
        EXPECT_EQ(reply.wording.source, WordingSource::ours);
        EXPECT_EQ(reply.speak, brief().own_wording);
        EXPECT_EQ(reply.wording.fallback, code == Errc::timed_out ? Fallback::late : Fallback::failed);
        EXPECT_TRUE(reply.asked);
        EXPECT_EQ(reply.rest, nullptr);
    }
}

TEST_F(ReplyWriterTest, TellsAModelThatWasNotAskedFromOneThatFailed) {
    model_.failure = Error{Errc::unavailable, "no", std::string(breaker_field)};
    const auto reply = write();
    EXPECT_EQ(reply.wording.fallback, Fallback::breaker);
    EXPECT_FALSE(reply.asked);
}

TEST_F(ReplyWriterTest, LeavesOutWhatTheCallHasHeard) {
    auto turn = brief();
    domain::dialogue::add_heard(turn.heard, "Thank you.");
    model_.speak = "Thank you. How does your incision look?";
    const auto reply = write(turn);
    EXPECT_EQ(reply.wording.source, WordingSource::model);
    EXPECT_EQ(reply.speak, "How does your incision look?");
}

TEST_F(ReplyWriterTest, SpeaksOurWordsWhenTheCallHasHeardTheModelsQuestion) {
    auto turn = brief();
    domain::dialogue::add_heard(turn.heard, "Okay. How does your incision look?");
    const auto reply = write(turn);
    EXPECT_EQ(reply.speak, turn.own_wording);
    EXPECT_EQ(reply.wording.fallback, Fallback::guard_rails);
    EXPECT_EQ(reply.wording.breach, "repetition");
}

TEST_F(ReplyWriterTest, WaitsNoLongerThanTheDeadline) {
    model_.hangs = true;
    const auto reply = write(brief(), 20ms);
    EXPECT_EQ(reply.speak, brief().own_wording);
    EXPECT_EQ(reply.wording.fallback, Fallback::late);
}

TEST_F(ReplyWriterTest, AsksNoModelForFixedWords) {
    const std::vector<std::function<void(TurnBrief&)>> changes = {
        [](TurnBrief& turn) { turn.fixed_words = true; },
        [](TurnBrief& turn) { turn.identity_verified = false; },
        [](TurnBrief& turn) { turn.phase = domain::DialoguePhase::consent; },
        [](TurnBrief& turn) { turn.phase = domain::DialoguePhase::closing; },
        [](TurnBrief& turn) { turn.next_topic = "consent_recording"; },
        [](TurnBrief& turn) { turn.next_topic = "teachback_activity"; },
        [](TurnBrief& turn) { turn.next_topic.clear(); },
    };
    for (const auto& change : changes) {
        auto turn = brief();
        change(turn);
        const auto reply = write(turn);
        EXPECT_EQ(reply.speak, turn.own_wording);
        EXPECT_EQ(reply.wording, domain::Wording{}) << "fixed, and nothing more";
        EXPECT_FALSE(reply.asked);
    }
    EXPECT_EQ(model_.asked, 0);
    EXPECT_TRUE(metrics_.empty());
}

TEST_F(ReplyWriterTest, FindsWhatTheModelPointedAt) {
    model_.body = R"({"speak":"x","findings":[{"concept":")" + concepts_.all().front().id +
                  R"(","quote":"an elephant sits on it"},{"concept":"made_up","quote":"about a four"}]})";
    auto reply = write();
    const auto found = run(writer_.findings(std::move(reply.rest), brief().patient_said, Deadline::in(10s)));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].concept_id, concepts_.all().front().id);
    EXPECT_EQ(metrics_.value("carevoice_chat_findings_dropped_total"), 1);
}

TEST_F(ReplyWriterTest, FindsNothingInARestThatIsLostOrBroken) {
    for (const auto* body : {"", "{", "[]", "{\"speak\":1}"}) {
        model_.body = body;
        auto reply = write();
        EXPECT_TRUE(run(writer_.findings(std::move(reply.rest), brief().patient_said, Deadline::in(10s))).empty());
    }
    EXPECT_TRUE(run(writer_.findings(nullptr, "", Deadline::in(10s))).empty());
}

TEST_F(ReplyWriterTest, NamesNobodyToTheModel) {
    auto turn = brief();
    turn.identifiers = {"Ruth"};
    turn.patient_said = "Ruth here, a four.";
    write(turn);
    ASSERT_EQ(model_.asked, 1);
    EXPECT_EQ(model_.last.messages.back().text.find("Ruth"), std::string::npos);
}

}  // namespace
}  // namespace carevoice::ai
