import io.github.bitbucketpipelines.maven.rehearsal.Response
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

int triggers = 0
InvokerBitbucket.start(context).embedded().intercept { request, next ->
    if (request.method() != 'POST' || !request.path().endsWith('/pipelines')) {
        return next.proceed()
    }
    triggers++
    next.proceed()
    if (triggers == 2) {
        // Another build of the same account triggers the same branch in the same moment.
        next.proceed()
    }
    Response.of(502, 'text/html', '<html><body>Bad Gateway</body></html>')
}
return
