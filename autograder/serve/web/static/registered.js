// What an LMS waits for to close the window of a registration (LTI Dynamic Registration 1.0).
(window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
