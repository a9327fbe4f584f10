import io.github.bitbucketpipelines.maven.rehearsal.Response
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

int triggers = 0
InvokerBitbucket.start(context).embedded().intercept { request, next ->
    Response response = next.proceed()
    if (request.method() != 'POST' || !request.path().endsWith('/pipelines')) {
        return response
    }
    triggers++
    triggers == 2 ? Response.of(502, 'text/html', '<html><body>Bad Gateway</body></html>') : response
}
return
