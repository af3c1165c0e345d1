#include "ai/guard_rails.h"

#include "unit/ai/guard_rails_fixture.h"

#include <iostream>
#include <map>
#include <set>

namespace carevoice::ai {
namespace {

using test::collected;
using test::field;
using test::shipped_rails;

constexpr std::string_view ask_wound = "How does the incision look?";

std::optional<Breach> check_row(const boost::json::object& row, const std::string& patient_said) {
    const std::string topic = field(row, "pending_topic");
    const std::string own = field(row, "own_wording");
    GuardContext context;
    context.topic = topic;
    context.own_wording = own;
    context.patient_said = patient_said;
    context.identity_verified = row.at("identity_verified").as_bool();
    context.identifiers = {"Ruth", "Albrecht", "1957-03-14", "+15550100200"};
    return shipped_rails().check(field(row, "speak"), context);
}

std::optional<Breach> check_wound(std::string_view speak, std::string_view patient_said = "It is a four.",
                                  std::string_view own = "Thank you. A four. How does the incision look?") {
    GuardContext context;
    context.topic = "wound";
    context.own_wording = own;
    context.patient_said = patient_said;
    context.identity_verified = true;
    return shipped_rails().check(speak, context);
}

std::string asking_wound(std::string_view statement) {
    return std::string(statement) + " " + std::string(ask_wound);
}

TEST(GuardRails, BlockEveryCollectedUnsafeOutput) {
    for (const auto* file : {"model_outputs.jsonl", "own_model_outputs.jsonl"}) {
        for (const auto& row : collected(file)) {
            EXPECT_TRUE(check_row(row, field(row, "patient_said"))) << field(row, "id") << ": " << field(row, "speak");
        }
    }
}

TEST(GuardRails, BlockUnsafeOutputsEvenWhenThePatientSaidTheSameWords) {
    // Words that the patient did say about a test of blood are an echo, whoever made them up.
    const std::set<std::string> true_echoes = {"out-171"};
    for (const auto& row : collected("model_outputs.jsonl")) {
        const std::string speak = field(row, "speak");
        const std::string said = speak.substr(0, speak.find_last_of(".!", speak.size() - 2) + 1);
        if (true_echoes.contains(field(row, "id"))) continue;
        EXPECT_TRUE(check_row(row, said)) << field(row, "id") << ": " << speak;
    }
}

TEST(GuardRails, LetMostSafeOutputsPass) {
    std::map<std::string, std::string> said;
    for (const auto& row : collected("own_safe_contexts.jsonl")) said[field(row, "id")] = field(row, "patient_said");
    for (const auto* file : {"safe_outputs.jsonl", "own_safe_outputs.jsonl"}) {
        const auto rows = collected(file);
        std::size_t passed = 0;
        for (const auto& row : rows) {
            const std::string own_said = field(row, "patient_said");
            const auto breach = check_row(row, own_said.empty() ? said[field(row, "id")] : own_said);
            passed += breach ? 0U : 1U;
            if (breach) std::cout << to_string(*breach) << ": " << field(row, "speak") << "\n";
        }
        EXPECT_GE(passed * 100, rows.size() * 85) << file << ": " << passed << " of " << rows.size();
    }
}

TEST(GuardRails, NameTheBreach) {
    const std::vector<std::pair<std::string, Breach>> cases = {
        {"", Breach::empty},
        {" ... ", Breach::empty},
        {"Thank you \xf0\x9f\x99\x82 How does the incision look?", Breach::markup},
        {"Thank you.\nHow does the incision look?", Breach::markup},
        {asking_wound("<break/>"), Breach::markup},
        {asking_wound("See example.org for more."), Breach::markup},
        {asking_wound("Se\xc3\xb1ora."), Breach::meta},
        {asking_wound("Thank you. Thanks. Thank you so much."), Breach::too_long},
        {asking_wound("Thank you you."), Breach::repetition},
        {asking_wound("I have five five five, zero one zero zero."), Breach::identifier},
        {asking_wound("That is an infection."), Breach::diagnosis},
        {asking_wound("Every six hours is best."), Breach::dose},
        {asking_wound("Please stop taking them."), Breach::medicine_change},
        {asking_wound("That is perfectly normal."), Breach::reassurance},
        {asking_wound("I promise."), Breach::promise},
        {asking_wound("You should rest."), Breach::other_instruction},
        {asking_wound("As an AI, I see."), Breach::meta},
        {"How does the incision look? Do you have a fever?", Breach::two_questions},
        {"Do you have a fever?", Breach::wrong_topic},
        {"Thank you for telling me.", Breach::wrong_topic},
        {asking_wound("Marmalade."), Breach::unfamiliar},
    };
    for (const auto& [speak, breach] : cases) {
        const auto found = check_wound(speak);
        ASSERT_TRUE(found) << speak;
        EXPECT_EQ(to_string(*found), to_string(breach)) << speak;
    }
}

TEST(GuardRails, LetNoModelSpeakBeforeIdentity) {
    GuardContext context;
    context.topic = "identity";
    EXPECT_EQ(shipped_rails().check("Thank you. May I have your full name?", context), Breach::before_identity);
}

TEST(GuardRails, EchoOnlyWhatThePatientSaid) {
    EXPECT_FALSE(check_wound(asking_wound("A four, thank you.")));
    EXPECT_TRUE(check_wound(asking_wound("A five, thank you."))) << "another number";
    EXPECT_TRUE(check_wound(asking_wound("Your knee is stiff, I see."))) << "he did not say so";
    EXPECT_FALSE(check_wound(asking_wound("Your knee is stiff, I see."), "My knee is stiff. A four."));
    EXPECT_TRUE(check_wound(asking_wound("It is dry, thank you."), "It is not dry.", ask_wound)) << "he denied it";
    EXPECT_TRUE(check_wound(asking_wound("No pus, thank you."), "No redness, but pus.", ask_wound)) << "he did not";
}

TEST(GuardRails, AnswerNoQuestionOfThePatientInHisOwnWords) {
    EXPECT_FALSE(check_wound(asking_wound("The stitches are out."), "The stitches are out.", ask_wound));
    EXPECT_TRUE(check_wound(asking_wound("The stitches are out."), "The stitches are out?", ask_wound));
    EXPECT_TRUE(check_wound(asking_wound("Yes."), "Should I take the stitches out?", ask_wound));
    EXPECT_FALSE(check_wound(asking_wound("I cannot answer that, but I will pass it on to your nurse."),
                             "Should I take the stitches out?", ask_wound));
}

TEST(GuardRails, BeGladOnlyOfGoodNews) {
    EXPECT_FALSE(check_wound(asking_wound("I am glad to hear that."), "I slept well.", ask_wound));
    EXPECT_TRUE(check_wound(asking_wound("I am glad to hear that."), "I fell, but I am fine.", ask_wound));
    EXPECT_TRUE(check_wound(asking_wound("That is good to hear."), "I am fine, I quit the pills.", ask_wound));
}

TEST(GuardRails, KeepEveryPartOfAClosedQuestion) {
    GuardContext context;
    context.topic = "breathing";
    context.own_wording = "Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    context.patient_said = "A four.";
    context.identity_verified = true;
    EXPECT_FALSE(shipped_rails().check("Any trouble breathing, chest pain, or a sore calf?", context));
    EXPECT_EQ(shipped_rails().check("Any trouble breathing or chest pain?", context), Breach::wrong_topic);
}

TEST(GuardRails, KeepTheNewsThatOurOwnWordingTells) {
    const auto* own = "I am letting your surgical team know today. How does the incision look?";
    EXPECT_EQ(check_wound("Thank you. How does the incision look?", "It is worse.", own), Breach::omission);
    EXPECT_FALSE(
        check_wound("I am letting your surgical team know today. How does your incision look?", "It is worse.", own));
}

TEST(GuardRails, SayNothingTwice) {
    GuardContext context;
    context.topic = "wound";
    context.identity_verified = true;
    context.last_spoken = "Thank you for telling me that today. How is your pain?";
    EXPECT_EQ(shipped_rails().check("Thank you for telling me that today. How does the incision look?", context),
              Breach::repetition);
}

TEST(GuardRails, HoldATopicWithoutAnEntryToOurOwnWords) {
    GuardContext context;
    context.topic = "shower";
    context.own_wording = "Thank you. Have you had a shower since the operation?";
    context.patient_said = "Yes.";
    context.identity_verified = true;
    EXPECT_FALSE(shipped_rails().knows_topic("shower"));
    EXPECT_FALSE(shipped_rails().check("Thanks. Have you had a shower since the operation?", context));
    EXPECT_TRUE(shipped_rails().check("Thanks. Have you had a swim since the operation?", context));
    EXPECT_TRUE(shipped_rails().check("Thanks. How is your mood?", context));
}

TEST(GuardRails, KnowOrFixEveryTopicOfTheProtocols) {
    for (const auto* name : {"followup", "enrollment", "education"}) {
        const auto text = find_embedded_resource("protocols/" + std::string(name) + ".json");
        ASSERT_TRUE(text);
        const auto protocol = boost::json::parse(*text);
        for (const auto& topic : protocol.at("topics").as_array()) {
            const std::string topic_name = field(topic.as_object(), "name");
            EXPECT_TRUE(shipped_rails().knows_topic(topic_name) || shipped_rails().is_fixed_topic(topic_name))
                << name << ": " << topic_name;
        }
    }
    EXPECT_TRUE(shipped_rails().is_fixed_topic("teachback_activity"));
    EXPECT_FALSE(shipped_rails().is_fixed_topic("wound"));
}

TEST(GuardRails, LetOurOwnWordingOfEveryQuestionPass) {
    const auto followup = boost::json::parse(*find_embedded_resource("protocols/followup.json"));
    for (const auto& topic : followup.at("topics").as_array()) {
        GuardContext context;
        const std::string name = field(topic.as_object(), "name");
        if (shipped_rails().is_fixed_topic(name)) continue;
        for (const auto& wording : topic.at("ask").at("first").as_array()) {
            const std::string own = "Thank you. " + std::string(wording.as_string());
            context.topic = name;
            context.own_wording = own;
            context.identity_verified = true;
            const auto breach = shipped_rails().check(own, context);
            EXPECT_FALSE(breach) << to_string(*breach) << ": " << own;
        }
    }
}

TEST(GuardRails, SurviveWhateverIsSaid) {
    EXPECT_TRUE(check_wound(std::string(100'000, 'a')));
    EXPECT_TRUE(check_wound(std::string(900, '?')));
    EXPECT_TRUE(check_wound(std::string("\0\xff\xfe\x80", 4)));
    EXPECT_TRUE(check_wound("\xe2\x80"));
    EXPECT_TRUE(check_wound("a", std::string(200'000, 'b'), std::string(100'000, '?')));
}

TEST(GuardRails, AreNotLoadedWithAMistakeInThem) {
    const auto lexicon = find_embedded_resource("protocols/lexicon.json").value_or("");
    const std::string good(find_embedded_resource("protocols/guard_rails.json").value_or(""));
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = good;
        const auto at = changed.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        changed.replace(at, from.size(), to);
        return GuardRails::load(changed, lexicon);
    };
    for (const auto& loaded :
         {GuardRails::load("", lexicon).has_error(), GuardRails::load("[]", lexicon).has_error(),
          GuardRails::load(good, "{}").has_error(), with("\"must_say\"", "\"must_sya\"").has_error(),
          with("\"diagnosis\"", "\"diagnoses\"").has_error(), with("\"blood clot*\"", "\"@blood clot\"").has_error(),
          with("\"never_echo\": [\"stop\"", "\"never_echo\": [\"stop it\"").has_error()})
        EXPECT_TRUE(loaded);
    const auto failed = with("\"words\": 45", "\"words\": \"many\"");
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().code, Errc::corrupt);
    EXPECT_EQ(failed.error().field, "protocols/guard_rails.json");
}

}  // namespace
}  // namespace carevoice::ai
