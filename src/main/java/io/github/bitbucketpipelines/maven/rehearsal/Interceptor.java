package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.IOException;

/** Stands between clients and the embedded Bitbucket: the place for tests to put their faults. */
@FunctionalInterface
public interface Interceptor {

    /**
     * Called for each request to either origin, from many threads.
     *
     * @param request what came in
     * @param bitbucket does the true work, with its effects, and gives the true answer; need not be called
     * @return the answer to send, true or not
     * @throws IOException to close the connection without an answer
     */
    Response intercept(RecordedRequest request, Next bitbucket) throws IOException;

    /** What comes after an interceptor. */
    @FunctionalInterface
    interface Next {

        /** Does the work and gives its answer. */
        Response proceed() throws IOException;
    }
}
