package io.github.bitbucketpipelines.maven.rehearsal;

import java.io.IOException;

/** Intercepts requests to the embedded Bitbucket, so that tests can inject faults. */
@FunctionalInterface
public interface Interceptor {

    /**
     * Called for each request to either origin, from many threads.
     *
     * @param request the received request
     * @param next handles the request, with all effects, and returns its response; need not be called
     * @return the response to send
     * @throws IOException to close the connection without a response
     */
    Response intercept(RecordedRequest request, Next next) throws IOException;

    /** The rest of the chain after an interceptor. */
    @FunctionalInterface
    interface Next {

        /** Handles the request and returns the response. */
        Response proceed() throws IOException;
    }
}
