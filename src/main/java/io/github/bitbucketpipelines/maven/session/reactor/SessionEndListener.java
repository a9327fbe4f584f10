package io.github.bitbucketpipelines.maven.session.reactor;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.ExecutionListener;
import org.apache.maven.execution.MavenExecutionRequest;

/**
 * Calls back when the session ends, before any other listener: Maven's own prints BUILD SUCCESS or BUILD FAILURE then. All
 * events are handed on to the listener that was there, also those that a later Maven may add.
 */
final class SessionEndListener implements InvocationHandler {
    private final ExecutionListener next;
    private final Consumer<ExecutionEvent> atEnd;

    private SessionEndListener(ExecutionListener next, Consumer<ExecutionEvent> atEnd) {
        this.next = next;
        this.atEnd = atEnd;
    }

    /** Puts a listener before that of the request. */
    static void chain(MavenExecutionRequest request, Consumer<ExecutionEvent> atEnd) {
        ExecutionListener next = request.getExecutionListener();
        request.setExecutionListener((ExecutionListener) Proxy.newProxyInstance(
                ExecutionListener.class.getClassLoader(),
                new Class<?>[] {ExecutionListener.class},
                new SessionEndListener(next, atEnd)));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        try {
            if (method.getName().equals("sessionEnded")) {
                atEnd.accept((ExecutionEvent) arguments[0]);
            }
        } finally {
            handOn(method, arguments);
        }
        return null;
    }

    private void handOn(Method method, Object[] arguments) throws Throwable {
        if (next != null) {
            try {
                method.invoke(next, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
