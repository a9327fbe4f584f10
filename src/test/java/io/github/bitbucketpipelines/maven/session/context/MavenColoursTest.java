package io.github.bitbucketpipelines.maven.session.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.console.Colours.Style;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MavenColoursTest {
    /** Has the methods of the class in maven-shared-utils. */
    public static final class Buffered {
        public static boolean isColorEnabled() {
            return false;
        }

        public static Message buffer() {
            return new Message();
        }
    }

    /** Has the methods of the class in maven-jline. */
    public static final class Built {
        public static boolean isColorEnabled() {
            return true;
        }

        public static Message builder() {
            return new Message();
        }
    }

    /** A message that names its styles. */
    public static final class Message {
        private String text = "";

        public Message success(Object styled) {
            text = "success " + styled;
            return this;
        }

        public Message failure(Object styled) {
            text = "failure " + styled;
            return this;
        }

        public Message warning(Object styled) {
            text = "warning " + styled;
            return this;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static MavenColours of(Map<String, Class<?>> classes) {
        return new MavenColours(new ClassLoader(null) {
            @Override
            public Class<?> loadClass(String name) throws ClassNotFoundException {
                if (!classes.containsKey(name)) {
                    throw new ClassNotFoundException(name);
                }
                return classes.get(name);
            }
        });
    }

    @Test
    void stylesAreThoseOfEitherClass() {
        for (MavenColours colours : new MavenColours[] {
            of(Map.of("org.apache.maven.shared.utils.logging.MessageUtils", Buffered.class)),
            of(Map.of("org.apache.maven.jline.MessageUtils", Built.class))
        }) {
            assertThat(colours.apply(Style.SUCCESS, "a")).isEqualTo("success a");
            assertThat(colours.apply(Style.FAILURE, "b")).isEqualTo("failure b");
            assertThat(colours.apply(Style.WARNING, "c")).isEqualTo("warning c");
        }
    }

    @Test
    void mavenWithoutColoursIsDetected() {
        assertThat(of(Map.of("org.apache.maven.shared.utils.logging.MessageUtils", Buffered.class))
                        .areEnabled())
                .isFalse();
        assertThat(of(Map.of("org.apache.maven.jline.MessageUtils", Built.class))
                        .areEnabled())
                .isTrue();
    }

    @Test
    void textStaysAsItIsWhereMavenHasNoSuchClass() {
        MavenColours colours = of(Map.of());

        assertThat(colours.apply(Style.SUCCESS, "text")).isEqualTo("text");
        assertThat(colours.areEnabled()).isTrue();
    }
}
