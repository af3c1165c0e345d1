#include "ai/model_reply.h"

#include "unit/ai/guard_rails_fixture.h"

namespace carevoice::ai {
namespace {

const domain::ConceptBook& concepts() {
    static const auto book = [] {
        auto loaded = domain::ConceptBook::load(find_embedded_resource("protocols/concepts.json").value_or(""));
        if (!loaded) throw std::runtime_error(loaded.error().detail);
        return std::move(*loaded);
    }();
    return book;
}

const std::string& known() {
    return concepts().all().front().id;
}

std::string finding(std::string_view concept_id, std::string_view quote) {
    return R"({"concept":")" + std::string(concept_id) + R"(","quote":")" + std::string(quote) + R"("})";
}

Result<ModelReply> parse_with(const std::string& findings, std::string_view said = "Well, my chest hurts. A lot!") {
    return parse_model_reply(R"({"speak":"Thank you.","findings":[)" + findings + "]}", said, concepts());
}

TEST(ModelReply, HoldsTheSentenceAndWhatThePatientSaid) {
    const auto reply = parse_with(finding(known(), "MY chest, hurts"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->speak, "Thank you.");
    ASSERT_EQ(reply->findings.size(), 1U);
    EXPECT_EQ(reply->findings[0].concept_id, known());
    EXPECT_EQ(reply->findings[0].reader, domain::Reader::model);
    EXPECT_EQ(reply->findings[0].basis, "MY chest, hurts");
    EXPECT_EQ(reply->findings_dropped, 0U);
}

TEST(ModelReply, DropsFindingsWithoutTheWordsOfThePatient) {
    for (const auto* quote : {"my chest is tight", "", "hurt", "a", "chest hurts my", "..."}) {
        const auto reply = parse_with(finding(known(), quote));
        ASSERT_TRUE(reply) << quote;
        EXPECT_TRUE(reply->findings.empty()) << quote;
        EXPECT_EQ(reply->findings_dropped, 1U) << quote;
    }
    EXPECT_EQ(parse_with(R"({"concept":")" + known() + R"("})")->findings_dropped, 1U);
    EXPECT_EQ(parse_with(R"({"quote":"my chest hurts"})")->findings_dropped, 1U);
}

TEST(ModelReply, DropsUnknownConceptsAndRepeatedOnes) {
    const auto reply = parse_with(finding("quantum_flu", "my chest hurts") + "," + finding(known(), "my chest hurts") +
                                  "," + finding(known(), "a lot"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->findings.size(), 1U);
    EXPECT_EQ(reply->findings_dropped, 2U);
}

TEST(ModelReply, TakesNoOrders) {
    const auto reply =
        parse_model_reply(R"({"speak":"Thank you.","cancel_alerts":true,"severity":"none","findings":[{"concept":")" +
                              known() + R"(","quote":"my chest hurts","severity":"low","negated":true}]})",
                          "my chest hurts", concepts());
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->findings.size(), 1U);
}

TEST(ModelReply, IsReadFromInsideACodeFence) {
    EXPECT_TRUE(parse_model_reply("```json\n{\"speak\":\"Hello.\"}\n```", "", concepts()));
    EXPECT_TRUE(parse_model_reply("  {\"speak\":\" Hello. \",\"findings\":null} ", "", concepts()));
}

TEST(ModelReply, IsCorruptWhenItsFormIsWrong) {
    const std::string deep = std::string(2000, '[') + std::string(2000, ']');
    const std::vector<std::string> bodies = {"",
                                             "{}",
                                             "[]",
                                             "null",
                                             "\"Hello.\"",
                                             "{\"speak\":7}",
                                             "{\"speak\":\"\"}",
                                             "{\"speak\":\"  \"}",
                                             "{\"speak\":\"a\",\"findings\":7}",
                                             "{\"speak\":\"a\",\"findings\":[7]}",
                                             "{\"speak\":\"a\",\"findings\":[{\"concept\":7}]}",
                                             "{\"speak\":\"a\\u0000b\"}",
                                             "{\"speak\":\"a\"} {}",
                                             "{\"speak\":\"a\",\"findings\":" + deep + "}",
                                             "{\"speak\":\"\xff\"}",
                                             "{\"speak\":\"\\ud83d\"}",
                                             "{\"speak\":\"" + std::string(5000, 'a') + "\"}",
                                             "```",
                                             "``````"};
    for (const auto& body : bodies) {
        const auto reply = parse_model_reply(body, "my chest hurts", concepts());
        ASSERT_TRUE(reply.has_error()) << body.substr(0, 80);
        EXPECT_EQ(reply.error().code, Errc::corrupt);
    }
}

TEST(ModelReply, OfAnyCollectedBodyIsCleanOrAnError) {
    for (const auto& row : test::collected("raw_bodies.jsonl")) {
        const auto reply = parse_model_reply(test::field(row, "body"), "Hello.", concepts());
        if (!reply) continue;
        EXPECT_FALSE(reply->speak.empty()) << test::field(row, "id");
        EXPECT_TRUE(reply->findings.empty()) << test::field(row, "id");
        EXPECT_EQ(reply->speak.find('<'), std::string::npos) << test::field(row, "id");
        GuardContext context;
        context.topic = "wound";
        context.identity_verified = true;
        if (!test::shipped_rails().check(reply->speak, context))
            EXPECT_NE(reply->speak.find("How does the incision look?"), std::string::npos) << test::field(row, "id");
    }
}

TEST(ModelReply, HasASchemaThatPutsTheSentenceFirst) {
    const auto schema = boost::json::parse(model_reply_schema(concepts()));
    EXPECT_EQ(schema.at("properties").as_object().begin()->key(), "speak");
    const auto& item = schema.at("properties").at("findings").at("items");
    EXPECT_EQ(item.at("properties").at("concept").at("enum").as_array().size(), concepts().all().size());
    EXPECT_EQ(item.at("required"), (boost::json::array{"concept", "quote"}));
    EXPECT_EQ(schema.at("required"), (boost::json::array{"speak", "findings"}));
}

}  // namespace
}  // namespace carevoice::ai
