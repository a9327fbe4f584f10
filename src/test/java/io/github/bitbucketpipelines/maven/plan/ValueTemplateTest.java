package io.github.bitbucketpipelines.maven.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.plan.ValueTemplate.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTemplateTest {
    @Test
    void referencesAreReplacedByTheirValues() {
        ValueTemplate template = new ValueTemplate("http://@{api.HOST}:@{api.PORT}/");

        assertThat(template.references()).containsExactly(new Reference("api", "HOST"), new Reference("api", "PORT"));
        assertThat(template.resolve(Reference::key)).isEqualTo("http://HOST:PORT/");
    }

    @Test
    void doubledSignIsTheTextItself() {
        ValueTemplate template = new ValueTemplate("a@@{api.URL} b@c @{x.Y}");

        assertThat(template.references()).containsExactly(new Reference("x", "Y"));
        assertThat(template.resolve(any -> "1")).isEqualTo("a@{api.URL} b@c 1");
    }

    @Test
    void valueIsNotReadForReferences() {
        assertThat(new ValueTemplate("@{a.B}").resolve(any -> "@{c.D} $1 \\ @@{"))
                .isEqualTo("@{c.D} $1 \\ @@{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@{api}", "@{", "@{}", "x @{api.} y", "@{.URL}", "@{a b.C}", "@{a.B c}", "@{a.@{b.C}}"})
    void otherFormsAreRefused(String text) {
        assertThatThrownBy(() -> new ValueTemplate(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not have the form @{id.KEY}");
    }
}
