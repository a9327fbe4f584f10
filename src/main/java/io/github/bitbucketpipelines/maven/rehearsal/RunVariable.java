package io.github.bitbucketpipelines.maven.rehearsal;

/** A variable as a trigger sent it. Bitbucket never tells it again; we do, to tests. */
public record RunVariable(String key, String value, boolean secured) {

    /** Never the value of a secured one. */
    @Override
    public String toString() {
        return key + "=" + (secured ? "***" : value);
    }
}
