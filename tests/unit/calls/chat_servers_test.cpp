// Whole conversations beside a chat server that is down, slow, rude, silent or a liar, over real sockets: the alerts
// are those of a call without one, and nothing unsafe is spoken.
#include "calls/conversation.h"

#include "ai/gemini.h"
#include "ai/guard_rails.h"
#include "ai/openai_compatible.h"
#include "ai/resilient_model.h"
#include "ai/scrub.h"
#include "support/call_house.h"
#include "support/fake_chat_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace carevoice::calls {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::ChatScript;

enum class Server { gemini, openai };

ChatScript says(Server server, std::string_view body) {
    return server == Server::gemini ? tests::gemini_says(body) : tests::openai_says(body);
}

std::string reply(std::string_view speak, std::string_view findings = "[]") {
    return R"({"speak": )" + tests::json_text(speak) + R"(, "findings": )" + std::string(findings) + "}";
}

/// A sick patient: eight of ten, green pus, a missed blood thinner, and a wish for a nurse.
const std::map<std::string, std::string, std::less<>> answers = {
    {"identity", "This is Ruth Albrecht, March fourteenth, nineteen fifty-seven."},
    {"consent", "Yes."},
    {"pain_score", "It's an eight."},
    {"breathing", "No, none of that."},
    {"pain_change", "It's worse."},
    {"pain_place", "No, just the knee."},
    {"wound", "There is green, thick pus coming out."},
    {"fever", "Yes, one hundred and one point eight."},
    {"mobility", "With my walker. No falls."},
    {"medication", "I missed my Eliquis two days in a row."},
    {"bowel", "Yes, all of that is fine."},
    {"concerns", "No, nothing."},
    {"callback", "Yes, please."}};

struct Heard {
    std::map<std::string, std::string> severities;  ///< by type of alert
    std::string said;                               ///< by the assistant, in the whole call
    std::string outcome;
};

Heard play(tests::CallHouse& house) {
    house.initiate();
    std::string twiml = house.voice();
    for (int turn = 0; turn < 40 && twiml.find("<Hangup") == std::string::npos; ++turn) {
        const auto details = house.details();
        const auto answer = answers.find(details.call.current_topic);
        const bool reads_back =
            twiml.find("out of ten") != std::string::npos &&
            (twiml.find("right?") != std::string::npos || twiml.find("Yes or no?") != std::string::npos);
        twiml = house.gather(reads_back || answer == answers.end() ? "Yes, that's right." : answer->second);
    }
    const auto details = house.details();
    Heard heard;
    for (const auto& alert : details.alerts)
        heard.severities[std::string(to_string(alert.type))] = to_string(alert.severity);
    for (const auto& turn : details.turns)
        if (turn.speaker == domain::Speaker::assistant) heard.said += turn.text + "\n";
    heard.outcome = to_string(details.call.outcome);
    return heard;
}

Heard play_alone() {
    tests::CallHouse house(false);
    return play(house);
}

Heard play_beside(Server kind, ChatScript usual, std::size_t* requests = nullptr) {
    tests::FakeChatServer server(std::move(usual));
    SeededRandom random(1);
    SystemClock clock;
    NoMetrics metrics;
    async::asio::io_context context;
    auto http = std::make_unique<net::HttpClient>(context.get_executor(), net::ClientOptions{}, random, metrics);
    auto work = async::asio::make_work_guard(context);
    std::jthread io([&] { context.run(); });
    {
        std::unique_ptr<ai::ChatModel> model;
        if (kind == Server::gemini) {
            ai::GeminiOptions options;
            options.base_url = server.url();
            options.api_key = "key";
            model = ai::make_gemini(options, *http);
        } else {
            ai::OpenAiOptions options;
            options.base_url = server.url("/v1");
            options.model = "small";
            model = ai::make_openai_compatible(options, *http);
        }
        std::vector<ai::ChatCandidate> models;
        models.push_back({std::move(model), {}});
        ai::ResilientModel resilient(std::move(models), {}, {}, clock, random, metrics);
        const auto text = [](std::string_view name) { return find_embedded_resource(name).value(); };
        const auto concepts = domain::ConceptBook::load(text("protocols/concepts.json")).value();
        const auto rails =
            ai::GuardRails::load(text("protocols/guard_rails.json"), text("protocols/lexicon.json")).value();
        const ai::PromptWriter prompts(concepts, ai::Scrubber::load(text("protocols/lexicon.json")).value());
        ai::ReplyWriter writer(resilient, rails, prompts, concepts, metrics);
        tests::CallHouse house(false, {.reply_writer = &writer});
        auto heard = play(house);
        if (requests != nullptr) *requests = server.requests().size();
        async::asio::co_spawn(context, http->stop(), async::asio::use_future).wait();
        work.reset();
        return heard;
    }
}

class ChatServers : public testing::TestWithParam<Server> {
protected:
    void expect_as_without(ChatScript usual) {
        std::size_t requests = 0;
        const auto alone = play_alone();
        const auto heard = play_beside(GetParam(), std::move(usual), &requests);
        EXPECT_GT(requests, 0U);
        EXPECT_EQ(heard.severities, alone.severities);
        EXPECT_EQ(heard.outcome, alone.outcome);
        for (const char* never : {"normal", "two pills", "infection", "don't worry", "zero pain noted", "ignore"})
            EXPECT_THAT(heard.said, Not(HasSubstr(never)));
    }
};

TEST(ChatServersAlone, TheSickPatientRaisesWhatIsExpected) {
    const auto alone = play_alone();
    EXPECT_EQ(alone.outcome, "completed") << alone.said;
    EXPECT_EQ(alone.severities.at("high_pain"), "high");
    EXPECT_EQ(alone.severities.at("wound_problem"), "high");
    EXPECT_EQ(alone.severities.at("medication_issue"), "high");
}

TEST_P(ChatServers, DownChangesNoAlert) {
    expect_as_without(tests::refuses(503, "busy"));
}
TEST_P(ChatServers, SilentChangesNoAlert) {
    expect_as_without(tests::never_answers());
}
TEST_P(ChatServers, SlowChangesNoAlert) {
    auto script = says(GetParam(), reply("Thank you. How does the incision look?"));
    script.before_head = milliseconds{3'000};
    expect_as_without(std::move(script));
}
TEST_P(ChatServers, RudeChangesNoAlert) {
    expect_as_without(says(GetParam(), reply("Oh please, that is perfectly normal, ignore it and don't worry.")));
}
TEST_P(ChatServers, AnUnsafeAdviserChangesNoAlert) {
    expect_as_without(says(GetParam(), reply("It sounds like an infection. Take two pills now. Any fever?")));
}
TEST_P(ChatServers, ALiarCannotLowerASeverity) {
    expect_as_without(says(GetParam(),
                           R"({"speak": "Thank you, zero pain noted.", "severity": "none", "alerts": [],
                               "findings": [{"concept": "wound_leak", "quote": "green, thick pus", "severity": "low"},
                                            {"concept": "severe_pain", "quote": "no pain", "severity": "none"}]})"));
}
TEST_P(ChatServers, BrokenHalfwayChangesNoAlert) {
    expect_as_without(tests::broken_after(1, ChatScript::Ending::reset, says(GetParam(), reply("Thank you. And?"))));
}

INSTANTIATE_TEST_SUITE_P(Both, ChatServers, testing::Values(Server::gemini, Server::openai),
                         [](const auto& info) { return info.param == Server::gemini ? "Gemini" : "OpenAi"; });

}  // namespace
}  // namespace carevoice::calls
