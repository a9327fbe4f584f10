package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.Map;

/**
 * What happened to one execution in one module. Facts are kept as rows of JDK types, since a build may load this class
 * more than once.
 */
sealed interface Fact {
    /** The id of the module. */
    String module();

    /** The fact in JDK types. */
    Map<String, Object> toRow();

    /**
     * The goal was called, its parameters are checked, and its work is prepared.
     *
     * @param mode the module's value of the parameter {@code reactor}
     * @param values what would be sent, by name
     */
    record Arrived(String module, ReactorMode mode, Map<String, String> values) implements Fact {
        public Arrived {
            values = Map.copyOf(values);
        }

        /** Whether another fact is an arrival in this module, too. */
        boolean isOfSameModule(Fact other) {
            return other instanceof Arrived && other.module().equals(module);
        }

        @Override
        public Map<String, Object> toRow() {
            return Map.of("fact", "arrived", "module", module, "mode", mode.name(), "values", values);
        }
    }

    /** The goal was called, and its own parameters skip it. */
    record Skipped(String module) implements Fact {
        @Override
        public Map<String, Object> toRow() {
            return Map.of("fact", "skipped", "module", module);
        }
    }

    /** The work that this module prepared has begun, in whichever module's thread. */
    record Performed(String module) implements Fact {
        @Override
        public Map<String, Object> toRow() {
            return Map.of("fact", "performed", "module", module);
        }
    }

    /** The fact of a row that {@link #toRow} made. */
    @SuppressWarnings("unchecked")
    static Fact of(Map<String, Object> row) {
        String module = (String) row.get("module");
        return switch ((String) row.get("fact")) {
            case "arrived" ->
                new Arrived(
                        module, ReactorMode.valueOf((String) row.get("mode")), (Map<String, String>) row.get("values"));
            case "skipped" -> new Skipped(module);
            case "performed" -> new Performed(module);
            default -> throw new IllegalArgumentException("Not a fact: " + row.get("fact"));
        };
    }
}
