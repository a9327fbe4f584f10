import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Response
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
String url = '::output URL=https://acme.example/?a=b,c&d=#{e}$5 f\n'
bitbucket.next(RunScript.of(
        StepScript.named('Build, test').log('+ echo "::output TAG=no"\n50 %\r::output TAG=1.0\n'),
        StepScript.named('Deploy').log('::output TAG=2.0\n' + url)))
bitbucket.next(RunScript.of(
        StepScript.named('Build, test').log('::output TAG=1.0\n' + url),
        StepScript.named('Deploy').log('::output URL=https://other.example/\n')))
bitbucket.next(RunScript.of(StepScript.named('Deploy').log(url)))
int late = 3
bitbucket.embedded().intercept { request, next ->
    request.path().endsWith('/log') && late-- > 0 ? Response.of(404, 'application/json', '{}') : next.proceed()
}
return
