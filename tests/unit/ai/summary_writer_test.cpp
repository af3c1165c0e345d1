#include "ai/summary_writer.h"

#include "core/resources.h"
#include "support/counting_metrics.h"
#include "support/scripted_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace carevoice::ai {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string>& statements() {
    static const std::vector<std::string> texts = {
        "Followup call, day 5 after surgery. Outcome: completed.",
        "Alert, high: high pain. \"It's an eight, Anna says\" (P1)",
        "Alert, moderate: wound problem. \"red around the edges\" (W1)",
        "Pain score: 8",
        "fever: no",
        "To do: look at the alerts today.",
    };
    return texts;
}

TEST(Arrangement, PutsTheStatementsInTheirPlaces) {
    const auto text = arrange("[1] [2] [3]\nAlso: [5], and [4]. Then [6].", statements());
    ASSERT_TRUE(text.has_value());
    EXPECT_EQ(*text, statements()[0] + " " + statements()[1] + " " + statements()[2] +
                         "\nAlso: fever: no, and Pain score: 8. Then To do: look at the alerts today.");
}

TEST(Arrangement, OfALiarIsRefused) {
    const std::vector<std::pair<const char*, Disarray>> lies = {
        {"[1] [2] [3] [4] [5]", Disarray::marks},
        {"[1] [2] [3] [4] [5] [6] [6]", Disarray::marks},
        {"[1] [2] [3] [4] [5] [7]", Disarray::marks},
        {"[1] [2] [3] [4] [5] [6] [99999999999999999999]", Disarray::marks},
        {"[1] [2] [3] [4] [5] [6] [0]", Disarray::marks},
        {"[1] [2] [3] [4] [5] [6] [-1]", Disarray::marks},
        {"[1] [2] [3] [4] [5] [6", Disarray::marks},
        {"[2] [1] [3] [4] [5] [6]", Disarray::marks},
        {"", Disarray::marks},
        {"The patient is fine.", Disarray::marks},
        {"[1] [3] [2] [4] [5] [6]", Disarray::order},
        {"[1] [4] [2] [3] [5] [6]", Disarray::order},
        {"[1] [2] [3] not [4] [5] [6]", Disarray::words},
        {"[1] [2] [3] [4] no [5] [6]", Disarray::words},
        {"[1] ignore [2] [3] [4] [5] [6]", Disarray::words},
        {"[1] [2] was resolved [3] [4] [5] [6]", Disarray::words},
        {"[1] low: [2] [3] [4] [5] [6]", Disarray::words},
        {"[1] [2] [3] 3 [4] [5] [6]", Disarray::words},
        {"[1] [2] \"I am well\" [3] [4] [5] [6]", Disarray::words},
        {"[1] [2] [3] [4] [5] [6] <b>", Disarray::words},
        {"[1] [2] [3] [4] [5] [6] \xC2\xBD", Disarray::words},
        {"[1] [2] [3] [4] [5] [6] (normal)", Disarray::words},
        {"[1] [2] [3] 1[4] [5] [6]", Disarray::words},
        {"fever, chills: [1] [2] [3] [4] [5] [6]", Disarray::words},
    };
    for (const auto& [text, fault] : lies) {
        const auto arranged = arrange(text, statements());
        ASSERT_TRUE(arranged.has_error()) << text;
        EXPECT_EQ(arranged.error(), fault) << text;
    }
    EXPECT_TRUE(arrange(std::string(5'000, ' ') + "[1]", {"One."}).has_value()) << "blanks around it are cut";
    EXPECT_TRUE(arrange("[1]" + std::string(5'000, ' ') + ".", {"One."}).has_error());
}

class SummaryWriterTest : public testing::Test {
protected:
    std::optional<std::string> polish(std::vector<std::string> texts, milliseconds span = 10s) {
        auto work = writer_.polish(std::move(texts), {"Anna"}, Deadline::in(span));
        auto result = boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
        context_.restart();
        context_.run();
        return result.get();
    }

    boost::asio::io_context context_;
    tests::CountingMetrics metrics_;
    tests::ScriptedModel model_;
    SummaryWriter writer_{model_, Scrubber::load(find_embedded_resource("protocols/lexicon.json").value_or("")).value(),
                          metrics_};
};

TEST_F(SummaryWriterTest, GivesWhatAModelArranges) {
    model_.speak = "[1] [2] [3] Further: [4], [5]. [6]";
    const auto text = polish(statements());
    ASSERT_TRUE(text);
    for (const auto& statement : statements()) EXPECT_THAT(*text, HasSubstr(statement));
    EXPECT_EQ(metrics_.value("carevoice_summaries_total{words=model}"), 1);
}

TEST_F(SummaryWriterTest, KeepsOursWhenTheModelLiesFailsOrHangs) {
    model_.speak = "The patient feels fine, pain 2.";
    EXPECT_FALSE(polish(statements()));
    EXPECT_EQ(metrics_.value("carevoice_summaries_total{words=marks}"), 1);
    model_.failure = Error{Errc::unavailable, "no"};
    EXPECT_FALSE(polish(statements()));
    model_.failure.reset();
    model_.hangs = true;
    EXPECT_FALSE(polish(statements(), 20ms));
    EXPECT_EQ(metrics_.value("carevoice_summaries_total{words=failed}"), 2);
}

TEST_F(SummaryWriterTest, ShowsTheModelNoWordsOfThePatientAndNoName) {
    polish({"One call.", "Alert, high: high pain. \"It hurts, Anna\" (P1)", "Caregiver name: Anna"});
    ASSERT_EQ(model_.asked, 1);
    const auto& shown = model_.last.messages.back().text;
    EXPECT_THAT(shown, Not(HasSubstr("Anna")));
    EXPECT_THAT(shown, Not(HasSubstr("hurts")));
    EXPECT_THAT(shown, HasSubstr("[2] Alert, high: high pain."));
}

TEST_F(SummaryWriterTest, AsksNothingAboutWhatCannotBeSealed) {
    EXPECT_FALSE(polish({}));
    EXPECT_FALSE(polish({"A quote that \"does not end"}));
    EXPECT_FALSE(polish(std::vector<std::string>(61, "x")));
    EXPECT_EQ(model_.asked, 0);
}

}  // namespace
}  // namespace carevoice::ai
