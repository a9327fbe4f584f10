import io.github.bitbucketpipelines.maven.rehearsal.Answer
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

int triggers = 0
InvokerBitbucket.start(context).embedded().intercept { request, next ->
    if (request.method() != 'POST' || !request.path().endsWith('/pipelines')) {
        return next.answer()
    }
    triggers++
    next.answer()
    if (triggers == 2) {
        // Another build of the same account triggers the same branch in the same moment.
        next.answer()
    }
    Answer.of(502, 'text/html', '<html><body>Bad Gateway</body></html>')
}
return
