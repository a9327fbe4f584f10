import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.ForwardProxy
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket.start(context).next(RunScript.successful())
ForwardProxy proxy = ForwardProxy.forUser('proxy-user', 'a-proxy-password-that-no-log-may-show')
context.put('proxy', proxy)
InvokerBitbucket.writeSettings(basedir, localRepository, '', """
    <proxy>
      <id>company</id>
      <protocol>http</protocol>
      <host>127.0.0.1</host>
      <port>${proxy.port()}</port>
      <username>proxy-user</username>
      <password>a-proxy-password-that-no-log-may-show</password>
    </proxy>""")
return
