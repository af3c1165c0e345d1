#include "fake_service.h"
#include "simulator/twiml_program.h"

namespace carevoice::simulator {
namespace {

using Values = std::vector<std::string>;

class GatherTest : public SimulatorTest {
protected:
    /// Says `text` (a fifth of a second of sound) when the voice asks the first time.
    void answers(std::string text) {
        party->on_voice = [text = std::move(text)](ScriptedParty& self) {
            if (self.heard.size() == 1 && self.line != nullptr)
                self.line->speak(make_babble(milliseconds{200}), text, 0.91);
        };
    }
    void presses(std::string keys) {
        party->on_voice = [keys = std::move(keys)](ScriptedParty& self) {
            if (self.heard.size() == 1)
                for (const char key : keys) self.line->press(key);
        };
    }
    void asks(const std::string& attributes, const std::string& after = "<Say>Nothing came.</Say>") {
        service->voice = {"<Gather " + attributes + " action=\"/gather\"><Say>How is your pain?</Say></Gather>" +
                          after};
        service->pages["/gather"] = "<Say>Thank you.</Say>";
    }
};

TEST_F(GatherTest, SpeechGoesToTheActionWithItsConfidence) {
    answers("About a three.");
    play([this]() -> async::Task<> {
        asks("input=\"speech dtmf\"");
        co_await create();
        co_await until_over();
        EXPECT_EQ(service->values("/gather", "SpeechResult"), (Values{"About a three."}));
        EXPECT_EQ(service->values("/gather", "Confidence"), (Values{"0.9100"}));
        EXPECT_TRUE(service->at("/gather").front().signature_holds);
        EXPECT_EQ(party->heard, (Values{"How is your pain?", "Thank you."}));
    });
}

TEST_F(GatherTest, KeysEndAtTheirNumber) {
    presses("84");
    play([this]() -> async::Task<> {
        asks("input=\"dtmf\" numDigits=\"1\"");
        co_await create();
        co_await until_over();
        EXPECT_EQ(service->values("/gather", "Digits"), (Values{"8"}));
        EXPECT_EQ(service->values("/gather", "msg"), (Values{"Gather End"}));
    });
}

TEST_F(GatherTest, KeysEndAtTheHash) {
    presses("10#");
    play([this]() -> async::Task<> {
        asks("input=\"dtmf speech\"");
        co_await create();
        co_await until_over();
        EXPECT_EQ(service->values("/gather", "Digits"), (Values{"10"}));
        EXPECT_EQ(service->values("/gather", "FinishedOnKey"), (Values{"#"}));
    });
}

TEST_F(GatherTest, SilenceGoesOnWithTheNextVerb) {
    play([this]() -> async::Task<> {
        asks("input=\"speech\" timeout=\"1\"");
        co_await create();
        co_await until_over();
        EXPECT_TRUE(service->at("/gather").empty());
        EXPECT_EQ(party->heard.back(), "Nothing came.");
    });
}

TEST_F(GatherTest, SilenceGoesToTheActionWhenAskedFor) {
    play([this]() -> async::Task<> {
        asks("input=\"speech\" timeout=\"1\" actionOnEmptyResult=\"true\"");
        co_await create();
        co_await until_over();
        EXPECT_EQ(service->values("/gather", "SpeechResult"), (Values{""}));
        EXPECT_EQ(party->heard.back(), "Thank you.");
    });
}

TEST_F(GatherTest, SpeechCutsThePromptOff) {
    options.pace = 1;
    options.ring_time = milliseconds{10};
    answers("Stop calling me.");
    play([this]() -> async::Task<> {
        asks("input=\"speech\"");
        service->pages["/gather"] = "<Hangup/>";
        co_await create();
        co_await until_over();
        EXPECT_EQ(party->cut_offs.front(), true);
        EXPECT_EQ(service->at("/gather").size(), 1U);
    });
}

TEST_F(GatherTest, UpdateStillRequestsTheActionOfTheVerbThatItCutShort) {
    play([this]() -> async::Task<> {
        asks("input=\"speech\" timeout=\"20\"");
        co_await create();
        co_await until([this] { return count(CallEventKind::voice_ended) == 1; });
        net::FormFields form{{"Twiml", "<Response><Say>Good day.</Say></Response>"}};
        co_await update(std::move(form));
        co_await until_over();
        co_await until([this] { return service->at("/gather").size() == 1; });
        EXPECT_EQ(service->values("/gather", "SpeechResult"), (Values{"-"}));
        EXPECT_EQ(party->heard.back(), "Good day.");
    });
}

TEST_F(SimulatorTest, TransferThatNobodyAnswersReportsToItsAction) {
    play([this]() -> async::Task<> {
        service->voice = {"<Dial action=\"/dialled\" timeout=\"5\">+15555550199</Dial>"};
        service->pages["/dialled"] = "<Say>Nobody is free.</Say>";
        co_await create();
        co_await until_over();
        EXPECT_EQ(service->values("/dialled", "DialCallStatus"), (Values{"no-answer"}));
        EXPECT_EQ(party->heard, (Values{"Nobody is free."}));
    });
}

TEST_F(SimulatorTest, ProgramThatRedirectsWithoutEndIsStopped) {
    play([this]() -> async::Task<> {
        service->voice = {"<Redirect>/voice</Redirect>"};
        co_await create();
        co_await until_over();
        EXPECT_TRUE(noted(11215));
    });
}

TEST_F(SimulatorTest, UrlUpdateFetchesItsDocument) {
    play([this]() -> async::Task<> {
        service->voice = {"<Pause length=\"30\"/>"};
        service->pages["/other"] = "<Say>From elsewhere.</Say>";
        co_await create();
        co_await until([this] { return call().status == "in-progress"; });
        net::FormFields form{{"Url", service->url("/other")}};
        co_await update(std::move(form));
        co_await until_over();
        EXPECT_EQ(party->heard, (Values{"From elsewhere."}));
    });
}

TEST_F(SimulatorTest, PartyThatHangsUpEndsTheCall) {
    party->on_voice = [](ScriptedParty& self) { self.line->hang_up(); };
    play([this]() -> async::Task<> {
        service->voice = {"<Say>Hello.</Say><Pause length=\"30\"/>"};
        co_await create();
        co_await until_over();
        EXPECT_EQ(call().status, "completed");
    });
}

TEST_F(SimulatorTest, TimeLimitEndsTheCall) {
    play([this]() -> async::Task<> {
        service->voice = {"<Pause length=\"30\"/>"};
        net::FormFields limit{{"TimeLimit", "1"}};
        co_await create(std::move(limit));
        co_await until_over();
        EXPECT_EQ(call().status, "completed");
    });
}

}  // namespace
}  // namespace carevoice::simulator
