# The main job in Hindi, on real parts: register, token, status, "3 before you", "your turn",
# the call, the e-prescription. Five others stand in the queue first.
story ई-संजीवनी: पंजीकरण से ई-पर्चे तक
phone 98########
service esanjeevani
desk register-others 5

> पंजीकरण
< *नाम*
> राम प्रसाद
< *उम्र*
> ४५ साल
< *1*महिला*2*पुरुष*
> पुरुष
< *राज्य*जिला*
> बिहार, पटना
< *मंजूर*1*2*
> हाँ
< *टोकन {token}*{#position}*मुफ्त*

> STATUS
< *{#position}*मिनट*

desk call-next until 3 ahead
< *टोकन {token}*3 मरीज*
desk call-next until {token}
< *टोकन {token}*आपकी बारी*CALL*

> CALL
< *डॉक्टर*कॉल*
desk used {token_id} prescription
< *ई-पर्चा {ref}*
