#include "simulator/twilio_simulator.h"

#include "core/text.h"
#include "fake_service.h"

#include <algorithm>
#include <span>

namespace carevoice::simulator {
namespace {

using Values = std::vector<std::string>;

TEST_F(SimulatorTest, AnsweredCallReportsEachStepInOrderAndSigned) {
    play([this]() -> async::Task<> {
        service->voice = {"<Say>Hello there.</Say><Redirect>/voice</Redirect>", "<Say>Goodbye.</Say><Hangup/>"};
        const auto created = co_await create();
        EXPECT_EQ(created.status, 201);
        EXPECT_NE(created.body.find("\"queued\""), std::string::npos);
        co_await until_over();
        co_await until([this] { return service->at("/status").size() == 4; });
        EXPECT_EQ(service->values("/status", "CallStatus"),
                  (Values{"initiated", "ringing", "in-progress", "completed"}));
        EXPECT_EQ(service->values("/status", "SequenceNumber"), (Values{"0", "1", "2", "3"}));
        EXPECT_EQ(service->at("/status").back().field("SipResponseCode"), "200");
        EXPECT_EQ(service->values("/voice", "CallStatus"), (Values{"in-progress", "in-progress"}));
        for (const auto& request : service->received) EXPECT_TRUE(request.signature_holds) << request.path;
        EXPECT_EQ(party->heard, (Values{"Hello there.", "Goodbye."}));
        EXPECT_EQ(call().status, "completed");
        EXPECT_TRUE(call().notes.empty());
    });
}

TEST_F(SimulatorTest, WrongPasswordIs20003) {
    play([this]() -> async::Task<> {
        password = "guess";
        const auto answer = co_await send("GET", account_path(".json"));
        EXPECT_EQ(answer.status, 401);
        EXPECT_NE(answer.body.find("20003"), std::string::npos);
        password.clear();
        const auto right = co_await send("GET", account_path(".json"));
        EXPECT_EQ(right.status, 200);
        EXPECT_NE(right.body.find("\"active\""), std::string::npos);
    });
}

TEST_F(SimulatorTest, RefusesCallsLikeTwilio) {
    play([this]() -> async::Task<> {
        const std::vector<std::pair<net::FormFields, std::string>> cases{
            {{{"From", options.phone_number}, {"Url", service->url("/voice")}}, "21201"},
            {{{"To", "555-0101"}, {"From", options.phone_number}, {"Url", service->url("/voice")}}, "21211"},
            {{{"To", number}, {"From", "+15005550001"}, {"Url", service->url("/voice")}}, "21210"},
            {{{"To", number}, {"From", options.phone_number}, {"Url", "voice"}}, "21205"},
        };
        for (const auto& [form, code] : cases) {
            const auto answer = co_await send("POST", account_path("/Calls.json"), form);
            EXPECT_EQ(answer.status, 400);
            EXPECT_NE(answer.body.find(code), std::string::npos) << answer.body;
        }
        EXPECT_TRUE(twilio->calls().empty());
        const auto missing = co_await send("GET", account_path("/Calls/CA00.json"));
        EXPECT_EQ(missing.status, 404);
    });
}

TEST_F(SimulatorTest, UpdateInterruptsAPauseAtOnce) {
    play([this]() -> async::Task<> {
        service->voice = {"<Say>One moment.</Say><Pause length=\"60\"/>"};
        co_await create();
        co_await until([this] { return count(CallEventKind::voice_ended) == 1; });
        const auto asked = std::chrono::steady_clock::now();
        net::FormFields form{{"Twiml", "<Response><Say>Thank you.</Say><Hangup/></Response>"}};
        const auto updated = co_await update(std::move(form));
        EXPECT_EQ(updated.status, 200);
        co_await until_over();
        EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(30)) << "of the minute";
        EXPECT_EQ(party->heard.back(), "Thank you.");
    });
}

TEST_F(SimulatorTest, UpdateCutsTheVoiceOff) {
    options.pace = 1;
    options.ring_time = milliseconds{10};
    play([this]() -> async::Task<> {
        service->voice = {"<Say>This is a long sentence that takes quite some time to be said.</Say>"};
        co_await create();
        co_await until([this] { return !party->heard.empty(); });
        net::FormFields form{{"Twiml", "<Response><Hangup/></Response>"}};
        co_await update(std::move(form));
        co_await until_over();
        EXPECT_EQ(party->cut_offs, (std::vector<bool>{true}));
        EXPECT_EQ(count(CallEventKind::voice_cut), 1);
    });
}

TEST_F(SimulatorTest, UpdatesBeforeTheAnswerAndAfterTheEndAre21220) {
    options.pace = 5;
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        co_await create();
        const net::FormFields form{{"Twiml", "<Response/>"}};
        const auto early = co_await update(form);
        co_await until_over();
        const auto late = co_await update(form);
        EXPECT_EQ(early.status, 400);
        EXPECT_NE(early.body.find("21220"), std::string::npos);
        EXPECT_EQ(late.status, 400);
        EXPECT_NE(late.body.find("21220"), std::string::npos);
    });
}

TEST_F(SimulatorTest, CanceledEndsARingingCallAndLeavesAnAnsweredOneAlone) {
    options.pace = 1;
    options.ring_time = milliseconds{10'000};
    play([this]() -> async::Task<> {
        co_await create();
        co_await until([this] { return call().status == "ringing"; });
        net::FormFields form{{"Status", "canceled"}};
        const auto canceled = co_await update(std::move(form));
        EXPECT_EQ(canceled.status, 200);
        co_await until_over();
        EXPECT_EQ(call().status, "canceled");
        co_await until([this] { return service->at("/status").size() == 3; });
        EXPECT_EQ(service->values("/status", "CallStatus").back(), "canceled");
    });
}

TEST_F(SimulatorTest, CompletedHangsUp) {
    play([this]() -> async::Task<> {
        service->voice = {"<Pause length=\"60\"/>"};
        co_await create();
        co_await until([this] { return call().status == "in-progress"; });
        net::FormFields form{{"Status", "completed"}};
        co_await update(std::move(form));
        co_await until_over();
        EXPECT_EQ(call().status, "completed");
    });
}

TEST_F(SimulatorTest, BusyAndUnansweredPhonesEndWithoutAVoiceRequest) {
    play([this]() -> async::Task<> {
        party->pickup = Pickup::busy;
        co_await create();
        co_await until_over();
        EXPECT_EQ(call().status, "busy");
        party->closed = false;
        party->pickup = Pickup::no_answer;
        net::FormFields ring{{"Timeout", "5"}};
        co_await create(std::move(ring));
        co_await until_over();
        EXPECT_EQ(call().status, "no-answer");
        EXPECT_TRUE(service->at("/voice").empty());
        co_await until([this] { return service->at("/status").size() == 6; });
        EXPECT_EQ(service->at("/status").back().field("CallDuration"), "0");
    });
}

TEST_F(SimulatorTest, MachineDetectionReportsItsVerdictLater) {
    party->opinion.machine = true;
    options.detection_time = milliseconds{300};
    play([this]() -> async::Task<> {
        service->voice = {"<Pause length=\"2\"/>"};
        net::FormFields detection{{"MachineDetection", "Enable"}, {"AsyncAmd", "true"}};
        detection.emplace_back("AsyncAmdStatusCallback", service->url("/amd"));
        co_await create(std::move(detection));
        co_await until([this] { return !service->at("/amd").empty(); });
        EXPECT_EQ(service->at("/amd").front().field("AnsweredBy"), "machine_start");
        EXPECT_EQ(call().answered_by, "machine_start");
        EXPECT_TRUE(service->at("/amd").front().signature_holds);
    });
}

TEST_F(SimulatorTest, ListsCallsByNumberAndPages) {
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        for (int i = 0; i < 3; ++i) co_await create();
        const auto first = co_await send("GET", account_path("/Calls.json?PageSize=2&To=%2B15555550101"));
        EXPECT_NE(first.body.find("PageSize=2&Page=1"), std::string::npos) << first.body;
        const auto second = co_await send("GET", account_path("/Calls.json?PageSize=2&Page=1&To=%2B15555550101"));
        EXPECT_NE(second.body.find("\"next_page_uri\":null"), std::string::npos);
        const auto future = co_await send("GET", account_path("/Calls.json?StartTime%3E=2099-01-01"));
        EXPECT_NE(future.body.find("\"calls\":[]"), std::string::npos);
        const auto other = co_await send("GET", account_path("/Calls.json?To=%2B15555550199"));
        EXPECT_NE(other.body.find("\"calls\":[]"), std::string::npos);
    });
}

TEST_F(SimulatorTest, BrokenVoiceUrlApologisesAndHangsUp) {
    play([this]() -> async::Task<> {
        auto form = call_form();
        for (auto& [name, value] : form)
            if (name == "Url") value = service->url("/broken");
        co_await send("POST", account_path("/Calls.json"), std::move(form));
        co_await until_over();
        EXPECT_TRUE(noted(11200));
        EXPECT_EQ(party->heard.size(), 1U);
    });
}

TEST_F(SimulatorTest, MessagesAreKept) {
    play([this]() -> async::Task<> {
        net::FormFields form{{"To", number}, {"From", options.phone_number}, {"Body", "A patient needs you."}};
        const auto sent = co_await send("POST", account_path("/Messages.json"), form);
        EXPECT_EQ(sent.status, 201);
        form.pop_back();
        const auto empty = co_await send("POST", account_path("/Messages.json"), form);
        EXPECT_EQ(empty.status, 400);
        EXPECT_EQ(twilio->messages().size(), 1U);
    });
}

}  // namespace
}  // namespace carevoice::simulator
