#include "core/error.h"

#include "core/ids.h"
#include "core/log.h"
#include "core/random.h"
#include "core/resources.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <unordered_set>

namespace carevoice {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return Error{Errc::invalid_input, "is odd", "number"};
    return number / 2;
}

TEST(Result, CarriesAValueOrAnError) {
    EXPECT_EQ(half(4).value(), 2);
    EXPECT_EQ(half(3).error().field, "number");
}

TEST(Result, AskingAnErrorForItsValueIsABug) {
    EXPECT_THROW((void)half(3).value(), std::logic_error);
}

TEST(Errc, EveryCodeHasItsOwnName) {
    std::unordered_set<std::string_view> names;
    for (int code = static_cast<int>(Errc::invalid_input); code <= static_cast<int>(Errc::internal); ++code)
        names.insert(to_string(static_cast<Errc>(code)));
    EXPECT_EQ(names.size(), 12U);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(PublicId, AllowsWhatIsSafeInAUrl) {
    for (const char* text : {"test_patient", "a", "S-1.b", "session_20240101_120000"})
        EXPECT_TRUE(is_valid_public_id(text));
    for (const std::string& text : {std::string(), std::string("a b"), std::string("a/b"), std::string("é"),
                                    std::string(65, 'a'), std::string("a\0b", 3)})
        EXPECT_FALSE(is_valid_public_id(text));
}

TEST(Random, ASeedRepeatsItselfAndTokensDoNot) {
    SeededRandom one(9);
    SeededRandom two(9);
    EXPECT_EQ(one.hex(16), two.hex(16));
    SystemRandom system;
    EXPECT_EQ(system.hex(16).size(), 32U);
    EXPECT_NE(system.hex(16), system.hex(16));
    for (int i = 0; i < 1000; ++i) {
        const double unit = system.next_unit();
        EXPECT_GE(unit, 0.0);
        EXPECT_LT(unit, 1.0);
    }
}

TEST(Log, ReachesTheSinkAndNothingWithoutOne) {
    struct Recorder final : LogSink {
        void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
            seen += std::string(event) + "/" + std::to_string(fields.size()) + " ";
        }
        std::string seen;
    } recorder;
    log(LogLevel::info, "nobody listens");
    set_log_sink(&recorder);
    log(LogLevel::info, "stream open", {{"call", "s1"}, {"ms", 7}});
    set_log_sink(nullptr);
    EXPECT_EQ(recorder.seen, "stream open/2 ");
}

TEST(Resources, HoldTheProtocolsAndMigrationsOfTheRepository) {
    ASSERT_TRUE(find_embedded_resource("protocols/followup.json").has_value());
    EXPECT_NE(find_embedded_resource("protocols/followup.json")->find("pain_score"), std::string_view::npos);
    EXPECT_EQ(find_embedded_resource("protocols/none.json"), std::nullopt);
    EXPECT_EQ(find_embedded_resource(""), std::nullopt);
    EXPECT_EQ(find_embedded_resource("~"), std::nullopt);
}

}  // namespace
}  // namespace carevoice
