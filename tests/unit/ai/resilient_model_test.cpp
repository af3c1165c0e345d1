#include "ai/resilient_model.h"

#include "ai/gemini.h"
#include "ai/openai_compatible.h"
#include "chat_test.h"
#include "support/counting_metrics.h"

namespace carevoice::ai {
namespace {

using tests::ChatScript;
using tests::FakeChatServer;
using tests::gemini_error;
using tests::gemini_says;
using tests::openai_says;
using Ending = ChatScript::Ending;

class ResilientModelTest : public ChatTest {
protected:
    /// The first model, and the second if `both`.
    ResilientModel& make(bool both, ChatLimits limits = patient()) {
        std::vector<ChatCandidate> models;
        GeminiOptions gemini;
        gemini.base_url = first_.url();
        models.push_back(
            {make_gemini(std::move(gemini), client_.client()), {.input = 1, .cached_input = 0.5, .output = 10}});
        if (both) {
            OpenAiOptions local;
            local.base_url = second_.url("/v1");
            local.model = "local-7b";
            models.push_back({make_openai_compatible(std::move(local), client_.client()), {}});
        }
        model_ = std::make_unique<ResilientModel>(std::move(models), limits, BreakerOptions{.failures_max = 3}, clock_,
                                                  random_, metrics_);
        return *model_;
    }
    /// Enough for a loaded machine.
    static ChatLimits patient() {
        return {.first_sentence = 10s, .whole = 20s, .retry_wait = 2ms, .worth_trying = 1ms};
    }
    static ChatScript overloaded() { return tests::refuses(503, gemini_error(503, "UNAVAILABLE")); }

    double first(const std::string& outcome) {
        return metrics_.value("carevoice_chat_requests_total{model=gemini-3.5-flash-lite,outcome=" + outcome + "}");
    }
    double second(const std::string& outcome) {
        return metrics_.value("carevoice_chat_requests_total{model=local-7b,outcome=" + outcome + "}");
    }
    double fallbacks(const std::string& to, const std::string& reason) {
        return metrics_.value("carevoice_chat_fallbacks_total{to=" + to + ",reason=" + reason + "}");
    }
    double tokens(const std::string& kind) {
        return metrics_.value("carevoice_chat_tokens_total{model=gemini-3.5-flash-lite,kind=" + kind + "}");
    }

    FakeChatServer first_{gemini_says(answer)};
    FakeChatServer second_{openai_says(answer)};
    SystemClock clock_;
    SeededRandom random_{1};
    tests::CountingMetrics metrics_;
    std::unique_ptr<ResilientModel> model_;
};

TEST_F(ResilientModelTest, MeasuresWhatAnAnswerTakes) {
    auto& model = make(true);
    EXPECT_EQ(outcome(model), "ok");
    EXPECT_EQ(first("ok"), 1);
    EXPECT_EQ(tokens("input"), 300);
    EXPECT_EQ(tokens("cached"), 600);
    EXPECT_EQ(tokens("output"), 42);
    EXPECT_DOUBLE_EQ(metrics_.value("carevoice_chat_cost_usd_total{model=gemini-3.5-flash-lite}"),
                     (300 * 1 + 600 * 0.5 + 42 * 10) / 1e6);
    EXPECT_EQ(metrics_.value("carevoice_chat_first_sentence_seconds{model=gemini-3.5-flash-lite}"), 1);
    EXPECT_EQ(metrics_.value("carevoice_chat_seconds{model=gemini-3.5-flash-lite}"), 1);
    EXPECT_TRUE(second_.requests().empty());
    EXPECT_EQ(model.name(), "gemini-3.5-flash-lite");
}

TEST_F(ResilientModelTest, RepeatsOnceWhatAnOverloadedServerRefused) {
    auto& model = make(true);
    first_.next(overloaded());
    EXPECT_EQ(outcome(model), "ok");
    EXPECT_EQ(first_.requests().size(), 2U);
    EXPECT_EQ(metrics_.value("carevoice_chat_retries_total{model=gemini-3.5-flash-lite}"), 1);
    first_.next(overloaded());
    first_.next(overloaded());
    EXPECT_EQ(outcome(model), "ok");
    EXPECT_EQ(first_.requests().size(), 4U);
    EXPECT_EQ(second_.requests().size(), 1U);
    EXPECT_EQ(first("unavailable"), 1);
    EXPECT_EQ(second("ok"), 1);
    EXPECT_EQ(fallbacks("second_model", "unavailable"), 1);
}

TEST_F(ResilientModelTest, DoesNotRepeatWhatWouldEndTheSame) {
    auto& model = make(true);
    const std::vector<std::pair<ChatScript, std::string>> scripts = {
        {tests::refuses(404, gemini_error(404, "NOT_FOUND")), "rejected"},
        {gemini_says("no JSON"), "corrupt"},
        {tests::gemini_blocks(), "blocked"},
    };
    for (const auto& [script, reason] : scripts) {
        first_.next(script);
        EXPECT_EQ(outcome(model), "ok") << reason;
        EXPECT_EQ(first(reason), 1);
        EXPECT_EQ(fallbacks("second_model", reason), 1);
    }
    EXPECT_EQ(first_.requests().size(), scripts.size());
    EXPECT_EQ(second_.requests().size(), scripts.size());
}

TEST_F(ResilientModelTest, LeavesALimitedModelAlone) {
    auto& model = make(true);
    first_.next(tests::refuses(429, gemini_error(429, "RESOURCE_EXHAUSTED", "m", R"([{"retryDelay":"600s"}])")));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome(model), "ok");
    EXPECT_EQ(first_.requests().size(), 1U);
    EXPECT_EQ(fallbacks("second_model", "limited"), 3);
    EXPECT_LT(model.not_before(), std::chrono::steady_clock::now()) << "the second is free";
}

TEST_F(ResilientModelTest, StopsAskingAModelThatKeepsFailing) {
    auto& model = make(true);
    first_.usually(tests::refuses(403, gemini_error(403, "PERMISSION_DENIED")));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(outcome(model), "ok");
    EXPECT_EQ(first_.requests().size(), 3U);
    EXPECT_EQ(fallbacks("second_model", "breaker_open"), 3);
    EXPECT_EQ(metrics_.value("carevoice_chat_breaker_open{model=gemini-3.5-flash-lite}"), 1);
}

TEST_F(ResilientModelTest, SaysSoWhenNoModelAnswers) {
    auto& model = make(true);
    first_.usually(tests::refuses(400, gemini_error(400, "INVALID_ARGUMENT")));
    second_.usually(tests::refuses(500, "{}"));
    EXPECT_EQ(outcome(model), "unavailable");
    EXPECT_EQ(fallbacks("own_words", "unavailable"), 1);

    auto& alone = make(false);
    EXPECT_EQ(outcome(alone), "rejected");
    EXPECT_EQ(fallbacks("own_words", "rejected"), 1);
}

TEST_F(ResilientModelTest, KeepsTheTimeToTheFirstSentence) {
    auto& model = make(true, {.first_sentence = 60ms, .whole = 20s, .retry_wait = 2ms, .worth_trying = 1ms});
    first_.usually(tests::never_answers());
    second_.usually(tests::never_answers());
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(outcome(model), "timed_out");
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_EQ(first("timed_out"), 1);
    EXPECT_EQ(fallbacks("own_words", "timed_out"), 1);
    EXPECT_TRUE(second_.requests().empty()) << "no time is left for it";
}

TEST_F(ResilientModelTest, KeepsTheTimeOfTheWholeAnswer) {
    auto& model = make(false, {.first_sentence = 10s, .whole = 100ms, .retry_wait = 2ms, .worth_trying = 1ms});
    first_.next(broken_after(3, Ending::silence, gemini_says(answer)));
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(outcome(model), "then timed_out");
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_EQ(first("timed_out"), 1);
}

TEST_F(ResilientModelTest, AsksNobodyWhenThereIsNoTime) {
    auto& model = make(true, {.first_sentence = 1'200ms, .whole = 2'500ms, .retry_wait = 2ms, .worth_trying = 250ms});
    EXPECT_EQ(outcome(model, 200ms), "timed_out");
    EXPECT_TRUE(first_.requests().empty());
    EXPECT_EQ(fallbacks("own_words", "no_time"), 1);
}

TEST_F(ResilientModelTest, ImpatientCallersDoNotOpenTheBreaker) {
    auto& model = make(false);
    first_.usually(tests::never_answers());
    for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(model, 20ms), "timed_out");
    EXPECT_EQ(metrics_.value("carevoice_chat_breaker_open{model=gemini-3.5-flash-lite}"), 0);
}

TEST_F(ResilientModelTest, CountsRepliesThatNobodyWaitedFor) {
    auto& model = make(false);
    {
        const auto reply = ask(model);
        ASSERT_TRUE(reply.has_value());
    }
    EXPECT_EQ(first("dropped"), 1);
}

TEST_F(ResilientModelTest, EndsWhenTheClientStops) {
    auto& model = make(true);
    first_.usually(tests::never_answers());
    auto asked = begin_to_ask(model);
    while (first_.requests().empty()) std::this_thread::yield();
    client_.stop();
    EXPECT_EQ(asked.get().error().code, Errc::cancelled);
    EXPECT_TRUE(second_.requests().empty());
}

}  // namespace
}  // namespace carevoice::ai
